//! How a model checker's report is to look: as wide as the reader's terminal, and in colour
//! if it shows colours.
//!
//! The report is set out in the child, which has no terminal. So whoever has one looks: the
//! companion if it started the graders, or else the grader binary; and it tells the next
//! process by the environment.

#![allow(unsafe_code, reason = "asks the terminal how wide it is; nothing else")]

use std::env;
use std::io::{self, IsTerminal};
use std::process::Command;

/// Names the width, in columns.
const WIDTH: &str = "THREADBARE_WIDTH";

/// `1` for colours, `0` for none.
const COLOUR: &str = "THREADBARE_COLOUR";

/// In a pipe or a file.
const WIDTH_PIPE: usize = 100;

/// Wider lines are hard to read, whatever the terminal has.
const WIDTH_MAX: usize = 160;

/// How a report is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// In columns.
    pub(crate) width: usize,
    pub(crate) colour: bool,
}

impl Look {
    /// For files, and for comparing.
    pub(crate) const PLAIN: Self = Self {
        width: WIDTH_PIPE,
        colour: false,
    };

    /// What the environment says, or else what standard output is.
    pub(crate) fn find() -> Self {
        let terminal = io::stdout().is_terminal();
        let set =
            |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let width = if terminal { columns() } else { None };
        Self {
            width: number(WIDTH).or(width).unwrap_or(WIDTH_PIPE).min(WIDTH_MAX),
            colour: match number(COLOUR) {
                Some(asked) => asked != 0,
                None => terminal && !dumb && !set("NO_COLOR"),
            },
        }
    }

    /// Passes it on to a child.
    pub(crate) fn tell(self, child: &mut Command) {
        child.env(WIDTH, self.width.to_string());
        child.env(COLOUR, u8::from(self.colour).to_string());
    }
}

/// What `name` is set to, if to a number.
fn number(name: &str) -> Option<usize> {
    env::var(name).ok()?.parse().ok()
}

/// How many columns the terminal at standard output has.
#[cfg(unix)]
fn columns() -> Option<usize> {
    let mut size = libc::winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the call writes one `winsize` to `size`, which outlives it, and keeps nothing.
    let asked =
        unsafe { libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &raw mut size) };
    (asked == 0 && size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn columns() -> Option<usize> {
    number("COLUMNS")
}
