//! How a model checker's report is to look: as wide as the reader's terminal, and in colour
//! if it shows colours.
//!
//! The report is set out in the child, which has no terminal. So whoever has one looks: the
//! companion if it started the graders, or else the grader binary; and it tells the next
//! process by the environment.

use std::env;
use std::process::Command;

use explorer::{terminal_colour, terminal_width};

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
        let width = number(WIDTH).or_else(terminal_width);
        Self {
            width: width.unwrap_or(WIDTH_PIPE).min(WIDTH_MAX),
            colour: number(COLOUR).map_or_else(terminal_colour, |asked| asked != 0),
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
