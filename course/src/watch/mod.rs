//! `cargo course watch`: grades again whenever an answer is saved.
//!
//! | file | what it does |
//! |---|---|
//! | `files` | notices that an answer was saved, however the editor does that |
//! | `keys` | keys, one letter each |
//! | `screen` | the terminal: one line that moves, and all put back at the end |
//! | `session` | what happens on a key, on a save, on a verdict |

mod files;
mod keys;
mod screen;
mod session;

use std::process::ExitCode;
use std::sync::Arc;

use crate::catalog::{Course, Exercise};
use crate::grade::stop_on_signals;
use crate::sentence::Result;

/// How a reader wants to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// The system says when a file changes.
    Notified,
    /// The files are looked at twice a second: for network drives, and some containers.
    Polling,
    /// Only the key `r` grades.
    Manual,
}

/// Watches until the reader quits. Starts with `first`, else with what comes next.
pub(crate) fn run(
    course: Arc<Course>,
    first: Option<Exercise>,
    how: How,
) -> Result<ExitCode> {
    let stop = stop_on_signals()?;
    session::Session::new(course, first, how)?.run(&stop)
}
