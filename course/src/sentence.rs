//! An error for a reader: one sentence that says what is wrong, where, and what to do.

use std::fmt;
use std::io;
use std::path::Path;

/// What `main` prints on standard error before it ends with status 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sentence(String);

/// The result of everything here that can go wrong.
pub(crate) type Result<T> = std::result::Result<T, Sentence>;

impl Sentence {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// "cannot read FILE: permission denied", for an operation of the system on a file.
    pub(crate) fn file(verb: &str, path: &Path, error: &io::Error) -> Self {
        Self(format!("cannot {verb} {}: {error}", path.display()))
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
