//! The names of `explorer::ground`, on the types of the other checkers.
//!
//! A primitive says `use super::ground::...`, as an exercise does. Here its file is compiled
//! below a parent whose `ground` is loom's, and once more below one whose `ground` is
//! shuttle's, so that all three checkers run the same lines.

pub mod loom;
pub mod shuttle;

/// Gives a location its name, which only the explorer shows.
pub trait Named: Sized {
    /// Returns the location itself.
    #[must_use]
    fn named(self, _name: &str) -> Self {
        self
    }
}

impl<T> Named for T {}
