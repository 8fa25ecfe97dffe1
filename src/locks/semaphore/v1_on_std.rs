//! The semaphore from a mutex and two condition variables of std.
//!
//! # Who is woken
//!
//! One permit that comes back is news for one waiter, if each wants one: `notify_one`, as
//! often as permits came back. A waiter that wants *several* breaks this. It may be the one
//! that is woken, find too few, and go back to sleep with the news that another waiter could
//! have used. So these wait elsewhere: two conditions, two condition variables. On theirs
//! all are woken, because who wants how many is not known.
//!
//! The first attempt had one condition variable and a count of those who want several:
//! while there was one, all were woken. It decided under the lock and notified after it.
//!
//! 1. A wants one permit, finds none, sleeps.
//! 2. B brings one. Nobody wants several, so `notify_one` will do; B unlocks.
//! 3. C wants two, finds one, sleeps.
//! 4. B notifies, and it is C who wakes. A sleeps beside a free permit.
//!
//! The explorer found this in its first second; it is the wrong version
//! `DecidesAndLetsGo` in `models.rs`.

use std::fmt;

use super::super::waiting::{Sleepers, wait_while_at_most};
use crate::ground::const_new;
use crate::ground::on_std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use crate::ground::time::Duration;
use crate::locks::TimedOut;

/// A number of permits. Take one to go on, give it back by dropping it.
///
/// Not fair: a permit goes to whoever is there first, which need not be the one that has
/// waited longest. Who wants many at once may starve beside threads that take single ones
/// all the time.
///
/// # Poisoning
/// Ignored. The state is two numbers, changed in steps that cannot panic half-way; and
/// permits must come back also while a panic unwinds.
///
/// # Example
/// ```
/// use threadbare::locks::Semaphore;
///
/// let desks = Semaphore::new(2);
/// let first = desks.acquire();
/// let second = desks.acquire();
/// assert!(desks.try_acquire().is_none());
/// drop(first);
/// assert_eq!(desks.available(), 1);
/// # drop(second);
/// ```
pub struct Semaphore {
    state: Mutex<State>,
    /// Where those sleep who want one: notified once for each permit that comes back.
    for_one: Condvar,
    /// Where those sleep who want several: all are notified when permits come back.
    for_many: Condvar,
}

struct State {
    available: usize,
    /// Who sleeps on `for_one`.
    singles: Sleepers,
    /// Who sleeps on `for_many`.
    others: Sleepers,
}

impl Semaphore {
    const_new! {
        /// A semaphore with so many permits; 0 is allowed, [`add_permits`](Self::add_permits)
        /// brings more.
        #[must_use]
        pub fn new(permits: usize) -> Self {
            Self {
                state: Mutex::new(State {
                    available: permits,
                    singles: Sleepers::none(),
                    others: Sleepers::none(),
                }),
                for_one: Condvar::new(),
                for_many: Condvar::new(),
            }
        }
    }

    /// Takes one permit; waits while there is none.
    ///
    /// # Blocking
    /// Sleeps on a condition variable until a permit comes back. Spurious wakes are absorbed.
    /// # Memory ordering
    /// All that came before a permit's drop happens-before the return of whoever gets it.
    /// # Cost
    /// With a permit there: one lock and unlock, no system call. The same for its drop, if
    /// nobody waits.
    // ANCHOR: acquire
    pub fn acquire(&self) -> Permit<'_> {
        let mut state = self.lock();
        while state.available == 0 {
            state.singles.enter();
            let woken = self.for_one.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
            state.singles.leave();
        }
        self.take(state, 1)
    }
    // ANCHOR_END: acquire

    /// Takes `permits` at once, all or none of them; waits while there are fewer. Holding
    /// some while waiting for the others would be the way into a deadlock: two threads that
    /// each have half.
    ///
    /// # Blocking
    /// As [`acquire`](Self::acquire). If there will never be so many, it waits for ever.
    // ANCHOR: acquire_many
    pub fn acquire_many(&self, permits: usize) -> Permit<'_> {
        let mut state = self.lock();
        while state.available < permits {
            state.others.enter();
            let woken = self.for_many.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
            state.others.leave();
        }
        self.take(state, permits)
    }
    // ANCHOR_END: acquire_many

    /// Takes one permit, with a share in the semaphore: for a job that outlives the borrow,
    /// on a thread of its own. Otherwise as [`acquire`](Self::acquire).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::thread;
    /// use threadbare::locks::Semaphore;
    ///
    /// let desks = Arc::new(Semaphore::new(2));
    /// let jobs = [1, 2, 3].map(|n| {
    ///     let desk = Semaphore::acquire_owned(&desks); // at most two jobs at a time
    ///     thread::spawn(move || {
    ///         let _desk = desk;
    ///         n * n
    ///     })
    /// });
    /// assert_eq!(jobs.map(|job| job.join().unwrap()), [1, 4, 9]);
    /// assert_eq!(desks.available(), 2);
    /// ```
    pub fn acquire_owned(semaphore: &Arc<Self>) -> OwnedPermit {
        semaphore.acquire().forget();
        OwnedPermit {
            semaphore: Arc::clone(semaphore),
        }
    }

    /// Takes one permit if there is one now.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.try_acquire_many(1)
    }

    /// Takes `permits` at once if there are so many now, or none.
    ///
    /// ```
    /// use threadbare::locks::Semaphore;
    ///
    /// let desks = Semaphore::new(3);
    /// let two = desks.try_acquire_many(2).expect("three are free");
    /// assert!(desks.try_acquire_many(2).is_none());
    /// assert_eq!((two.count(), desks.available()), (2, 1));
    /// ```
    pub fn try_acquire_many(&self, permits: usize) -> Option<Permit<'_>> {
        let state = self.lock();
        (state.available >= permits).then(|| self.take(state, permits))
    }

    /// Takes one permit; waits while there is none, but at most `limit`.
    ///
    /// # Errors
    /// [`TimedOut`].
    /// # Blocking
    /// As [`acquire`](Self::acquire). Spurious wakes do not extend `limit`.
    pub fn acquire_timeout(&self, limit: Duration) -> Result<Permit<'_>, TimedOut> {
        let mut state = self.lock();
        state.singles.enter();
        state = wait_while_at_most(&self.for_one, state, limit, |state| {
            state.available == 0
        });
        state.singles.leave();
        if state.available == 0 {
            return Err(TimedOut);
        }
        Ok(self.take(state, 1))
    }

    /// Takes `permits` at once; waits while there are fewer, but at most `limit`.
    ///
    /// # Errors
    /// [`TimedOut`]; the caller then holds none.
    /// # Blocking
    /// As [`acquire_many`](Self::acquire_many). Spurious wakes do not extend `limit`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use threadbare::locks::{Semaphore, TimedOut};
    ///
    /// let desks = Semaphore::new(3);
    /// let late = desks.acquire_many_timeout(4, Duration::from_millis(1));
    /// assert_eq!(late.map(|permit| permit.count()), Err(TimedOut));
    /// assert_eq!(desks.available(), 3);
    /// ```
    pub fn acquire_many_timeout(
        &self,
        permits: usize,
        limit: Duration,
    ) -> Result<Permit<'_>, TimedOut> {
        let mut state = self.lock();
        state.others.enter();
        state = wait_while_at_most(&self.for_many, state, limit, |state| {
            state.available < permits
        });
        state.others.leave();
        if state.available < permits {
            return Err(TimedOut);
        }
        Ok(self.take(state, permits))
    }

    /// How many permits are there. Already out of date when you read it: for messages, never
    /// for decisions.
    #[must_use]
    pub fn available(&self) -> usize {
        self.lock().available
    }

    /// Adds permits: those that come back do it by this, and it can bring new ones.
    ///
    /// # Panics
    /// If there would be more than `usize::MAX`.
    // ANCHOR: add_permits
    pub fn add_permits(&self, permits: usize) {
        let mut state = self.lock();
        let sum = state.available.checked_add(permits);
        state.available = sum.expect("more than usize::MAX permits");
        let singles = (0..permits)
            .take_while(|_| state.singles.wake_one())
            .count();
        let others = state.others.is_anybody_asleep();
        // Unlock first, so that who is woken finds the lock free.
        drop(state);
        (0..singles).for_each(|_| self.for_one.notify_one());
        if others {
            self.for_many.notify_all();
        }
    }
    // ANCHOR_END: add_permits

    #[track_caller]
    fn lock(&self) -> MutexGuard<'_, State> {
        // See "Poisoning" above.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, mut state: MutexGuard<'_, State>, permits: usize) -> Permit<'_> {
        state.available -= permits;
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
            .finish_non_exhaustive()
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
    ///
    /// ```
    /// let desks = threadbare::locks::Semaphore::new(3);
    /// assert_eq!(desks.acquire_many(2).count(), 2);
    /// ```
    #[must_use]
    pub fn count(&self) -> usize {
        self.permits
    }

    /// Keeps the permits for good: the semaphore has fewer from now on, unless
    /// [`Semaphore::add_permits`] brings them back.
    pub fn forget(mut self) {
        self.permits = 0;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.permits > 0 {
            self.semaphore.add_permits(self.permits);
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

/// One permit of a [`Semaphore`] that it shares, from [`Semaphore::acquire_owned`]. Dropping
/// it, also in a panic, gives it back.
#[must_use = "a permit that is dropped at once is given back at once; hold it while you work"]
pub struct OwnedPermit {
    semaphore: Arc<Semaphore>,
}

impl Drop for OwnedPermit {
    fn drop(&mut self) {
        self.semaphore.add_permits(1);
    }
}

impl fmt::Debug for OwnedPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedPermit").finish_non_exhaustive()
    }
}
