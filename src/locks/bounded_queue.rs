//! A queue with room for so many: producers wait while it is full, consumers while it is
//! empty.
//!
//! The limit is what makes it useful. An unbounded queue between a fast producer and a slow
//! consumer grows until memory is gone; here the fast side is slowed down to the speed of
//! the slow one (*back-pressure*).
//!
//! | version | stands on |
//! |---|---|
//! | [`v1_on_std`] | std's `Mutex` and two `Condvar`s |
//! | [`v2_on_sync`] | those of chapter 05; looks a few times before it sleeps |

use std::error::Error;
use std::fmt;

pub mod v1_on_std;
pub mod v2_on_sync;

pub use v2_on_sync::BoundedQueue;

/// Why an item was not taken; it comes back.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum TryPushError<T> {
    /// There was no room: now, or until time was up.
    Full(T),
    /// The queue is closed.
    Closed(T),
}

impl<T> TryPushError<T> {
    /// The item that was not taken.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(item) | Self::Closed(item) => item,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Full(_) => "Full",
            Self::Closed(_) => "Closed",
        }
    }
}

// Not derived, so that a queue of anything has errors that can be unwrapped.
impl<T> fmt::Debug for TryPushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.name()).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for TryPushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the queue is full",
            Self::Closed(_) => "the queue is closed",
        })
    }
}

impl<T> Error for TryPushError<T> {}

/// Why there was no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TryPopError {
    /// The queue was empty: now, or until time was up.
    Empty,
    /// The queue is closed, and all that was in it has been taken.
    Closed,
}

impl fmt::Display for TryPopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the queue is empty",
            Self::Closed => "the queue is closed and empty",
        })
    }
}

impl Error for TryPopError {}

#[cfg(test)]
mod models;
