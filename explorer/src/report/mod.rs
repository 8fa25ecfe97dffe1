//! The text of a failure.

pub(crate) mod names;
mod record;
mod simplest;

pub(crate) use record::{Ended, Watch};
pub(crate) use simplest::report;

use std::fmt::Write;

use crate::failure::Failure;

impl Failure {
    /// The whole report, at most `width` columns wide, with ANSI colours if `colour`.
    pub fn report(&self, width: usize, colour: bool) -> String {
        let _ = (width, colour);
        let mut text = format!("{}: {}: {}\n", self.model, self.kind, self.sentence);
        for event in &self.events {
            let _ = writeln!(
                text,
                "{:4}  {:>24}:{:<4} {}t{} {}{}",
                event.step,
                event.file.rsplit('/').next().unwrap_or_default(),
                event.line,
                "        ".repeat(event.thread),
                event.thread,
                event.text,
                if event.old { "   (old)" } else { "" }
            );
        }
        let _ = writeln!(text, "replay: {:?}", self.schedule);
        text
    }
}
