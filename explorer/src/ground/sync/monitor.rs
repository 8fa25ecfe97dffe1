//! A lock and a queue together, as barriers, channels and lazy cells need them: look at the
//! state and change it, or wait until it is such that you can.
//!
//! In a model a look is one step, the wake-up of those who wait included: nothing is lost by
//! not stopping in between, because they look again before they go on.

#![allow(unsafe_code, reason = "a lock is a promise about plain memory")]

use std::cell::UnsafeCell;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{self, PoisonError};
use std::time::Duration;

use crate::execution::{Lock, Queue, Site, Woken, is_active, now};

/// State that is looked at by one thread at a time.
pub(crate) struct Monitor<T> {
    lock: Lock,
    queue: Queue,
    /// Both, outside a model.
    real: (sync::Mutex<()>, sync::Condvar),
    state: UnsafeCell<T>,
}

// SAFETY: the state is only reached under the lock, by one thread at a time.
unsafe impl<T: Send> Send for Monitor<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Monitor<T> {}
impl<T> UnwindSafe for Monitor<T> {}
impl<T> RefUnwindSafe for Monitor<T> {}

impl<T> Monitor<T> {
    #[track_caller]
    pub(crate) fn new(state: T) -> Self {
        Self {
            lock: Lock::new(),
            queue: Queue::new(),
            real: (sync::Mutex::new(()), sync::Condvar::new()),
            state: UnsafeCell::new(state),
        }
    }

    /// Changes the state, and wakes all who wait, so that they look again. Reports call it
    /// `what`.
    pub(crate) fn change<R>(
        &self,
        what: &str,
        site: Site,
        change: impl FnOnce(&mut T) -> R,
    ) -> R {
        self.look(what, site, |state| (change(state), true))
    }

    /// Looks at the state, and says whether it changed it. If so, wakes all who wait.
    pub(crate) fn look<R>(
        &self,
        what: &str,
        site: Site,
        look: impl FnOnce(&mut T) -> (R, bool),
    ) -> R {
        if is_active() {
            self.lock.enter(site);
            // SAFETY: `look` does nothing that lets another thread of the model run.
            let (result, changed) = look(unsafe { &mut *self.state.get() });
            self.lock.leave(what, changed, site);
            if changed {
                self.queue.rouse(site);
            }
            return result;
        }
        let held = self.real.0.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the real lock is held.
        let (result, changed) = look(unsafe { &mut *self.state.get() });
        drop(held);
        if changed {
            self.real.1.notify_all();
        }
        result
    }

    /// Looks again and again, sleeping in between, until there is a result. `None` if there
    /// was none within `limit`.
    pub(crate) fn wait<R>(
        &self,
        what: &'static str,
        site: Site,
        limit: Option<Duration>,
        mut look: impl FnMut(&mut T) -> Option<R>,
    ) -> Option<R> {
        if is_active() {
            let deadline = limit.map(|limit| now().saturating_add(limit));
            let mut time_is_up = limit == Some(Duration::ZERO);
            loop {
                self.lock.enter(site);
                // SAFETY: `look` does nothing that lets another thread of the model run.
                let result = look(unsafe { &mut *self.state.get() });
                if result.is_some() || time_is_up {
                    self.lock.leave(what, true, site);
                    self.queue.rouse(site);
                    return result;
                }
                self.lock.leave(&format!("sleeps in {what}"), true, site);
                let woken = self.queue.sleep(what, deadline, site);
                time_is_up = woken == Woken::TimedOut;
            }
        }
        let result = self.wait_for_real(limit, look);
        self.real.1.notify_all();
        result
    }

    fn wait_for_real<R>(
        &self,
        limit: Option<Duration>,
        mut look: impl FnMut(&mut T) -> Option<R>,
    ) -> Option<R> {
        let mut held = self.real.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = std::time::Instant::now();
        loop {
            // SAFETY: the real lock is held.
            let result = look(unsafe { &mut *self.state.get() });
            if result.is_some() {
                return result;
            }
            let left = limit.map(|limit| limit.saturating_sub(start.elapsed()));
            held = match left {
                Some(Duration::ZERO) => return None,
                Some(left) => {
                    let woken = self.real.1.wait_timeout(held, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let woken = self.real.1.wait(held);
                    woken.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }

    /// The state, borrowed through the exclusive borrow of the monitor.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.state.get_mut()
    }

    pub(crate) fn set_name(&self, name: &'static str) {
        self.lock.set_name(name);
        self.queue.set_name(name);
    }
}

impl<T> fmt::Debug for Monitor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").finish_non_exhaustive()
    }
}
