//! The error of everything here that has a limit: what did not fit comes back.

use std::error::Error;
use std::fmt;

/// There was no room; the value is given back.
///
/// ```
/// use threadbare::atomic::{Full, spsc_ring};
///
/// let (mut producer, _consumer) = spsc_ring::channel(1);
/// producer.push("first").unwrap();
/// let Full(second) = producer.push("second").unwrap_err();
/// assert_eq!(second, "second");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Full<T>(pub T);

impl<T> Full<T> {
    /// The value that did not fit.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Full").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no room for another value")
    }
}

impl<T> Error for Full<T> {}
