//! Counts who sleeps, so that a permit that comes back wakes whom it can serve, and nobody
//! while nobody sleeps.
//!
//! # Two places to sleep
//! One permit that comes back is news for one who wants one. Who wants several may find too
//! few, and would take the news to bed that another could have used. So those who want one
//! sleep on the number of permits, and as many are woken as came back; those who want
//! several sleep on a number that changes with each return, and all of them are woken.
//!
//! # Why no wake-up is lost
//! Somebody who sleeps has counted itself *before* the kernel looked at the permits; who
//! brings permits has added them *before* it looks at the count. So either the one sees the
//! permits, or the other sees the sleeper. That each does one thing and then looks at the
//! other's is the pattern of chapter 03 that needs `SeqCst`: with less, both may look too
//! early.
//!
//! A waiter that is woken and finds nothing has been overtaken by somebody who has the
//! permit now, and brings it back. It has stayed counted, so it is woken then.

use std::fmt;

use super::super::{Limit, look};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use crate::ground::time::Duration;
use crate::ground::{const_new, futex};
use crate::locks::TimedOut;

/// A number of permits. Take one to go on, give it back by dropping it.
///
/// Not fair: a permit goes to whoever is there first, which need not be the one that has
/// waited longest. Who wants many at once may starve beside threads that take single ones
/// all the time. See [the module](super) for why.
///
/// # Example
/// ```
/// use std::thread;
/// use threadbare::sync::Semaphore;
///
/// static DESKS: Semaphore = Semaphore::new(2);
///
/// thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| {
///             let _desk = DESKS.acquire(); // at most two at a time
///         });
///     }
/// });
/// let both = DESKS.acquire_many(2);
/// assert!(DESKS.try_acquire().is_none());
/// drop(both);
/// assert_eq!(DESKS.available(), 2);
/// ```
// ANCHOR: word
pub struct Semaphore {
    /// How many permits are there. Who wants one sleeps on it.
    available: AtomicU32,
    /// How many threads want one, and sleep or are about to.
    singles: AtomicU32,
    /// How many threads want several, and sleep or are about to.
    others: AtomicU32,
    /// Changes when permits come back, for the `others`, who sleep on it.
    returns: AtomicU32,
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
                singles: AtomicU32::new(0),
                others: AtomicU32::new(0),
                returns: AtomicU32::new(0),
            }
        }
    }

    /// Takes one permit; waits while there is none.
    ///
    /// # Blocking
    /// Looks a few times, then sleeps until a permit comes back. Spurious wakes are absorbed.
    /// # Memory ordering
    /// All that came before a permit's drop happens-before the return of whoever gets it.
    /// # Cost
    /// With a permit there: one compare-exchange. The same for its drop, while nobody sleeps.
    #[inline]
    pub fn acquire(&self) -> Permit<'_> {
        self.acquire_many(1)
    }

    /// Takes `permits` at once, all or none of them; waits while there are fewer. Holding
    /// some while waiting for the others would be the way into a deadlock: two threads that
    /// each have half.
    ///
    /// # Blocking
    /// As [`acquire`](Self::acquire). If there will never be so many, it waits for ever.
    ///
    /// ```
    /// let desks = threadbare::sync::Semaphore::new(3);
    /// let two = desks.acquire_many(2);
    /// assert_eq!((two.count(), desks.available()), (2, 1));
    /// ```
    #[inline]
    pub fn acquire_many(&self, permits: usize) -> Permit<'_> {
        if !self.take(permits) {
            self.acquire_contended(permits, || Limit::NONE);
        }
        self.permit(permits)
    }

    /// Takes one permit if there is one now.
    #[inline]
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.try_acquire_many(1)
    }

    /// Takes `permits` at once if there are so many now, or none.
    ///
    /// ```
    /// let desks = threadbare::sync::Semaphore::new(3);
    /// let two = desks.try_acquire_many(2).expect("three are free");
    /// assert!(desks.try_acquire_many(2).is_none());
    /// # drop(two);
    /// ```
    #[inline]
    pub fn try_acquire_many(&self, permits: usize) -> Option<Permit<'_>> {
        self.take(permits).then(|| self.permit(permits))
    }

    /// Takes one permit; waits while there is none, but at most `limit`.
    ///
    /// # Errors
    /// [`TimedOut`]; the caller then holds none.
    /// # Blocking
    /// As [`acquire`](Self::acquire). Spurious wakes do not extend `limit`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use threadbare::sync::{Semaphore, TimedOut};
    ///
    /// let none = Semaphore::new(0);
    /// let late = none.acquire_timeout(Duration::from_millis(1));
    /// assert_eq!(late.map(|permit| permit.count()), Err(TimedOut));
    /// ```
    pub fn acquire_timeout(&self, limit: Duration) -> Result<Permit<'_>, TimedOut> {
        self.acquire_many_timeout(1, limit)
    }

    /// Takes `permits` at once; waits while there are fewer, but at most `limit`.
    ///
    /// # Errors
    /// [`TimedOut`]; the caller then holds none.
    /// # Blocking
    /// As [`acquire_many`](Self::acquire_many). Spurious wakes do not extend `limit`.
    pub fn acquire_many_timeout(
        &self,
        permits: usize,
        limit: Duration,
    ) -> Result<Permit<'_>, TimedOut> {
        let got = self.take(permits)
            || self.acquire_contended(permits, || Limit::of(limit));
        got.then(|| self.permit(permits)).ok_or(TimedOut)
    }

    // ANCHOR: acquire
    /// Takes `permits` in one step, if there are so many.
    #[inline]
    fn take(&self, permits: usize) -> bool {
        // ORDERING: Acquire pairs with the SeqCst update in `release`, which is a Release:
        // who gets a permit sees what came before it was given back. On failure Relaxed:
        // nothing is taken.
        let taken = self
            .available
            .try_update(Acquire, Relaxed, |available| less(available, permits));
        taken.is_ok()
    }

    #[cold]
    fn acquire_contended(
        &self,
        permits: usize,
        limit: impl FnOnce() -> Limit,
    ) -> bool {
        // A permit is often back before this thread would be asleep.
        if look(|| self.take(permits)) {
            return true;
        }
        let limit = limit();
        let asleep = if permits == 1 {
            &self.singles
        } else {
            &self.others
        };
        // ORDERING: SeqCst, and so is the look in `sleep_until_taken`. Pairs with the update
        // and the loads in `release`: either that one sees this thread counted, or this one
        // sees the permits. The outcome to be prevented: this one counts itself and finds
        // too few, that one adds some and finds nobody, and a thread sleeps beside permits.
        asleep.fetch_add(1, SeqCst);
        let got = self.sleep_until_taken(permits, limit);
        // ORDERING: Relaxed. If it is seen late, somebody is woken in vain.
        asleep.fetch_sub(1, Relaxed);
        got
    }

    fn sleep_until_taken(&self, permits: usize, limit: Limit) -> bool {
        let mut is_time_left = true;
        loop {
            // ORDERING: Acquire pairs with the Release in `wake`: who sees that permits came
            // back sees them, too.
            let returns = self.returns.load(Acquire);
            // ORDERING: SeqCst. Pairs with the update in `release`, see `acquire_contended`.
            let available = self.available.load(SeqCst);
            if let Some(left) = less(available, permits) {
                // ORDERING: Acquire and Relaxed, as in `take`.
                let taken = self
                    .available
                    .compare_exchange(available, left, Acquire, Relaxed);
                if taken.is_ok() {
                    return true;
                }
                continue;
            }
            if !is_time_left {
                return false;
            }
            is_time_left = if permits == 1 {
                limit.wait(&self.available, 0)
            } else {
                limit.wait(&self.returns, returns)
            };
        }
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
    /// Nothing but [`MAX`](Self::MAX) limits it: a thread that releases what it did not
    /// take lets one more in from then on. A [`Permit`] can't be given back twice.
    ///
    /// # Panics
    /// If there would be more than [`MAX`](Self::MAX). Nothing is added then.
    /// # Memory ordering
    /// As for [`acquire`](Self::acquire).
    /// # Cost
    /// One compare-exchange and two loads. A system call for each sleeper that is woken.
    ///
    /// ```
    /// let desks = threadbare::sync::Semaphore::new(0);
    /// desks.release(2);
    /// desks.acquire_many(2).forget();
    /// assert_eq!(desks.available(), 0);
    /// ```
    // ANCHOR: release
    #[inline]
    pub fn release(&self, permits: usize) {
        // ORDERING: SeqCst. Release pairs with the Acquire in `take`; and in the one order
        // of all SeqCst operations it comes before the two loads below, as the counting in
        // `acquire_contended` does before its look. On failure Relaxed: it is tried again.
        let added = self.available.try_update(SeqCst, Relaxed, |available| {
            available.checked_add(u32::try_from(permits).ok()?)
        });
        assert!(added.is_ok(), "more permits than Semaphore::MAX");
        // ORDERING: SeqCst. Pairs with the counting in `acquire_contended`, see there.
        let singles = self.singles.load(SeqCst);
        // ORDERING: SeqCst, pairs with the counting in `acquire_contended`, too.
        let others = self.others.load(SeqCst);
        if singles > 0 || others > 0 {
            self.wake(permits, singles, others > 0);
        }
    }

    #[cold]
    fn wake(&self, permits: usize, singles: u32, others: bool) {
        if permits < singles as usize {
            (0..permits).for_each(|_| futex::wake_one(&self.available));
        } else if singles > 0 {
            futex::wake_all(&self.available);
        }
        if others {
            // ORDERING: Release pairs with the Acquire in `sleep_until_taken`.
            self.returns.fetch_add(1, Release);
            futex::wake_all(&self.returns);
        }
    }
    // ANCHOR_END: release

    fn permit(&self, permits: usize) -> Permit<'_> {
        Permit {
            semaphore: self,
            permits,
        }
    }
}

/// What is left of so many permits; `None` if there are too few.
fn less(available: u32, permits: usize) -> Option<u32> {
    available.checked_sub(u32::try_from(permits).ok()?)
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
