//! Why a call on one of this module's types was refused.

use std::error::Error;
use std::fmt;

/// It is closed, and takes nothing any more. What was handed in comes back, if anything was.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Closed<T = ()>(pub T);

// Not derived, so that a queue of anything has errors that can be unwrapped.
impl<T> fmt::Debug for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is closed")
    }
}

impl<T> Error for Closed<T> {}

/// Time was up before it could be done. Nothing was changed, and the caller holds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("time was up")
    }
}

impl Error for TimedOut {}
