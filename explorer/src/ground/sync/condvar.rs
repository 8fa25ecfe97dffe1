//! A condition variable: a queue of the scheduler, and a mutex that is given back in the
//! same step in which a thread goes to sleep.

use std::fmt;
use std::panic::Location;
use std::sync::{self, LockResult, PoisonError};
use std::time::Duration;

use super::mutex::{Mutex, MutexGuard};
use crate::execution::{Mode, Queue, Site, Woken, is_active, now};
use crate::ground::Named;

/// [`std::sync::Condvar`].
pub struct Condvar {
    queue: Queue,
    /// What sleeps outside a model.
    real: sync::Condvar,
}

/// [`std::sync::WaitTimeoutResult`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the wait ended because time was up.
    #[must_use]
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    /// As [`std::sync::Condvar::new`].
    #[track_caller]
    pub fn new() -> Self {
        Self {
            queue: Queue::new(),
            real: sync::Condvar::new(),
        }
    }

    /// As [`std::sync::Condvar::wait`].
    ///
    /// # Errors
    /// If the mutex is poisoned.
    #[track_caller]
    pub fn wait<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
    ) -> LockResult<MutexGuard<'a, T>> {
        let site = Location::caller();
        let (mutex, real) = guard.into_parts();
        let real = match real {
            Some(real) => {
                Some(self.real.wait(real).unwrap_or_else(PoisonError::into_inner))
            }
            None => {
                self.sleep(mutex, None, site);
                None
            }
        };
        mutex.poison.wrap(mutex.guard(real, site))
    }

    /// As [`std::sync::Condvar::wait_while`].
    ///
    /// # Errors
    /// If the mutex is poisoned.
    #[track_caller]
    pub fn wait_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<MutexGuard<'a, T>> {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As [`std::sync::Condvar::wait_timeout`].
    ///
    /// # Errors
    /// If the mutex is poisoned.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let site = Location::caller();
        let (mutex, real) = guard.into_parts();
        let (real, timed_out) = match real {
            Some(real) => {
                let woken = self.real.wait_timeout(real, limit);
                let (real, result) = woken.unwrap_or_else(PoisonError::into_inner);
                (Some(real), result.timed_out())
            }
            None => {
                let deadline = now().saturating_add(limit);
                let woken = self.sleep(mutex, Some(deadline), site);
                (None, woken == Woken::TimedOut)
            }
        };
        let result = WaitTimeoutResult(timed_out);
        mutex.poison.wrap((mutex.guard(real, site), result))
    }

    /// As [`std::sync::Condvar::wait_timeout_while`].
    ///
    /// # Errors
    /// If the mutex is poisoned.
    #[track_caller]
    pub fn wait_timeout_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let start = crate::ground::time::Instant::now();
        while condition(&mut guard) {
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Ok((guard, WaitTimeoutResult(true)));
            }
            guard = self.wait_timeout(guard, left)?.0;
        }
        Ok((guard, WaitTimeoutResult(false)))
    }

    /// As [`std::sync::Condvar::notify_one`].
    #[track_caller]
    pub fn notify_one(&self) {
        self.notify(1, Location::caller());
    }

    /// As [`std::sync::Condvar::notify_all`].
    #[track_caller]
    pub fn notify_all(&self) {
        self.notify(usize::MAX, Location::caller());
    }

    fn notify(&self, most: usize, site: Site) {
        if is_active() {
            self.queue.notify(most, site);
        } else if most == 1 {
            self.real.notify_one();
        } else {
            self.real.notify_all();
        }
    }

    /// Gives the mutex back and sleeps, both in one step; takes it again in another.
    fn sleep<T: ?Sized>(
        &self,
        mutex: &Mutex<T>,
        deadline: Option<Duration>,
        site: Site,
    ) -> Woken {
        let woken = self.queue.wait(Some(&mutex.lock), deadline, site);
        mutex.lock.acquire(Mode::Exclusive, site);
        woken
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}

impl Named for Condvar {
    fn named(self, name: &'static str) -> Self {
        self.queue.set_name(name);
        self
    }
}
