//! The number of permits is the word that everybody sleeps on.

use std::fmt;

use super::super::Limit;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::time::Duration;
use crate::ground::{const_new, futex};
use crate::locks::TimedOut;

/// A number of permits. Take one to go on, give it back by dropping it.
///
/// Not fair: a permit goes to whoever is there first.
///
/// ```
/// use threadbare::sync::semaphore::v1_one_word::Semaphore;
///
/// static DESKS: Semaphore = Semaphore::new(2);
/// let first = DESKS.acquire();
/// let second = DESKS.acquire();
/// assert!(DESKS.try_acquire().is_none());
/// drop(first);
/// assert_eq!(DESKS.available(), 1);
/// # drop(second);
/// ```
// ANCHOR: word
pub struct Semaphore {
    /// How many permits are there, and the word that everybody sleeps on.
    available: AtomicU32,
}
// ANCHOR_END: word

impl Semaphore {
    /// As many permits as there can be.
    pub const MAX: usize = u32::MAX as usize;

    const_new! {
        /// A semaphore with so many permits; 0 is allowed, [`release`](Self::release) brings
        /// more.
        ///
        /// # Panics
        /// If there are more than [`MAX`](Self::MAX).
        #[must_use]
        pub fn new(permits: usize) -> Self {
            assert!(permits <= Self::MAX, "more permits than Semaphore::MAX");
            Self {
                available: AtomicU32::new(permits as u32),
            }
        }
    }

    /// Takes one permit; waits while there is none.
    ///
    /// # Blocking
    /// Sleeps until a permit comes back. Spurious wakes are absorbed.
    /// # Memory ordering
    /// All that came before a permit's drop happens-before the return of whoever gets it.
    /// # Cost
    /// With a permit there: one compare-exchange.
    pub fn acquire(&self) -> Permit<'_> {
        self.acquire_many(1)
    }

    /// Takes `permits` at once, all or none of them; waits while there are fewer.
    ///
    /// # Blocking
    /// As [`acquire`](Self::acquire). If there will never be so many, it waits for ever.
    pub fn acquire_many(&self, permits: usize) -> Permit<'_> {
        let got = self.acquire_until(permits, Limit::NONE);
        got.expect("there is no limit")
    }

    /// Takes one permit if there is one now.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.try_acquire_many(1)
    }

    /// Takes `permits` at once if there are so many now, or none.
    pub fn try_acquire_many(&self, permits: usize) -> Option<Permit<'_>> {
        self.take(permits).is_ok().then(|| self.permit(permits))
    }

    /// Takes one permit; waits while there is none, but at most `limit`.
    ///
    /// # Errors
    /// [`TimedOut`]; the caller then holds none.
    pub fn acquire_timeout(&self, limit: Duration) -> Result<Permit<'_>, TimedOut> {
        self.acquire_until(1, Limit::of(limit)).ok_or(TimedOut)
    }

    // ANCHOR: acquire
    fn acquire_until(&self, permits: usize, limit: Limit) -> Option<Permit<'_>> {
        let mut is_time_left = true;
        while let Err(too_few) = self.take(permits) {
            if !is_time_left {
                return None;
            }
            is_time_left = limit.wait(&self.available, too_few);
        }
        Some(self.permit(permits))
    }

    /// Takes `permits` in one step, or says how few there are.
    fn take(&self, permits: usize) -> Result<u32, u32> {
        // ORDERING: Acquire pairs with the Release in `release`: who gets a permit sees what
        // came before it was given back. On failure Relaxed: nothing is taken.
        self.available.try_update(Acquire, Relaxed, |available| {
            available.checked_sub(u32::try_from(permits).ok()?)
        })
    }
    // ANCHOR_END: acquire

    /// How many permits are there. Already out of date when you read it: for messages, never
    /// for decisions.
    #[must_use]
    pub fn available(&self) -> usize {
        // ORDERING: Relaxed. Nothing is read on the strength of it.
        self.available.load(Relaxed) as usize
    }

    /// Adds permits: those that come back do it by this, and it can bring new ones.
    ///
    /// # Panics
    /// If there would be more than [`MAX`](Self::MAX). Nothing is added then.
    /// # Cost
    /// One compare-exchange, and a system call, also while nobody sleeps.
    // ANCHOR: release
    pub fn release(&self, permits: usize) {
        // ORDERING: Release pairs with the Acquire in `take`. On failure Relaxed: it is
        // tried again.
        let added = self.available.try_update(Release, Relaxed, |available| {
            available.checked_add(u32::try_from(permits).ok()?)
        });
        assert!(added.is_ok(), "more permits than Semaphore::MAX");
        // All: one of them may want more than there is, and leave it to the others.
        futex::wake_all(&self.available);
    }
    // ANCHOR_END: release

    fn permit(&self, permits: usize) -> Permit<'_> {
        Permit {
            semaphore: self,
            permits,
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available", &self.available())
            .finish()
    }
}

/// One permit of a [`Semaphore`], or several taken at once. Dropping it, also in a panic,
/// gives them back. Unlike a mutex's guard it may be dropped on another thread.
#[must_use = "a permit that is dropped at once is given back at once; hold it while you work"]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
    permits: usize,
}

impl Permit<'_> {
    /// How many permits it stands for.
    #[must_use]
    pub fn count(&self) -> usize {
        self.permits
    }

    /// Keeps the permits for good: the semaphore has fewer from now on, unless
    /// [`Semaphore::release`] brings them back.
    pub fn forget(mut self) {
        self.permits = 0;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.permits > 0 {
            self.semaphore.release(self.permits);
        }
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("permits", &self.permits)
            .finish_non_exhaustive()
    }
}
