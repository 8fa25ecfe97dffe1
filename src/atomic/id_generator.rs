//! Numbers that are never given out twice, and that come to an end instead of beginning
//! anew.
//!
//! The obvious line is `next.fetch_add(1, Relaxed)`. It gives every caller another number,
//! until the word wraps around: then it repeats all of them. To add first and look
//! afterwards does not help. Whoever finds that the last number is gone has already moved
//! the word on, and takes it back in a second step:
//!
//! ```text
//!            next = last
//! thread 1   fetch_add -> last         too late: it will take that back
//! thread 2   fetch_add -> last + 1     which is 0: a number that somebody has
//! ```
//!
//! So look first, and exchange only what was looked at: a compare-exchange loop. The word
//! then never holds a value that is past the end, not even for a moment.

use std::error::Error;
use std::fmt;
use std::num::NonZero;

use crate::ground::atomic::{AtomicU64, Ordering::Relaxed};
use crate::ground::const_new;

/// Hands out the numbers from 1 to 2^64 - 1, each once.
///
/// ```
/// use threadbare::atomic::IdGenerator;
///
/// static IDS: IdGenerator = IdGenerator::new();
/// let (first, second) = (IDS.next()?, IDS.next()?);
/// assert!(first < second);
///
/// let near_the_end = IdGenerator::after(u64::MAX - 1);
/// assert_eq!(near_the_end.next()?.get(), u64::MAX);
/// assert!(near_the_end.next().is_err(), "and for ever after");
/// # Ok::<(), threadbare::atomic::Exhausted>(())
/// ```
#[derive(Debug, Default)]
pub struct IdGenerator {
    /// The number that was handed out last; 0 before the first.
    last: AtomicU64,
}

/// A number that an [`IdGenerator`] has handed out. An `Option` of it is no larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(NonZero<u64>);

impl Id {
    /// The number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl IdGenerator {
    const_new! {
        /// Begins at 1.
        pub fn new() -> Self {
            Self::after(0)
        }
    }

    const_new! {
        /// Begins behind `last`, which somebody has remembered.
        pub fn after(last: u64) -> Self {
            Self { last: AtomicU64::new(last) }
        }
    }

    /// Returns a number that no other call returns, in whatever thread. Within a thread
    /// they grow.
    ///
    /// # Errors
    /// [`Exhausted`] once 2^64 - 1 has been handed out, and from then on always.
    /// # Memory ordering
    /// None. The number is unique; it says nothing about other memory.
    /// # Cost
    /// A load and a compare-exchange; one more round for each thread that gets in between.
    // ANCHOR: next
    pub fn next(&self) -> Result<Id, Exhausted> {
        // ORDERING: Relaxed. A guess: the exchange below decides.
        let mut last = self.last.load(Relaxed);
        loop {
            let id = last
                .checked_add(1)
                .and_then(NonZero::new)
                .ok_or(Exhausted)?;
            // ORDERING: Relaxed, both. The exchange succeeds for one thread only, whatever
            // the ordering: all threads agree on the order of changes of one word.
            match self
                .last
                .compare_exchange_weak(last, id.get(), Relaxed, Relaxed)
            {
                Ok(_) => return Ok(Id(id)),
                Err(now) => last = now,
            }
        }
    }
    // ANCHOR_END: next
}

/// All numbers have been handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all ids have been handed out")
    }
}

impl Error for Exhausted {}

#[cfg(test)]
mod models;
