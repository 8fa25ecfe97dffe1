//! What the queue and the semaphore need to wait: a count of who sleeps, and a wait with a
//! limit.

use crate::ground::on_std::sync::{Condvar, MutexGuard, PoisonError};
use crate::ground::time::{Duration, Instant};

/// Who sleeps on one condition variable. It stands in what that variable's mutex protects.
///
/// To notify is a system call on Linux, also while nobody sleeps, and a sleeper that has
/// been woken needs some microseconds until it runs. So whoever has news asks here first
/// whether there is somebody who does not know yet.
///
/// # Why no wake-up is lost
/// Of those who count as asleep, at least `on_their_way` will wake up without being notified
/// again. To notify makes it one more of them; or nobody, if all are on their way already,
/// and then there are still enough. A sleeper that returns, for whatever reason, takes one
/// off. If it was not the one that was meant, the count is too low: then somebody is
/// notified in vain, and never the other way round.
#[derive(Debug, Default)]
pub(super) struct Sleepers {
    asleep: usize,
    /// INVARIANT: at most as many as `asleep`.
    on_their_way: usize,
}

impl Sleepers {
    pub(super) const fn none() -> Self {
        Self {
            asleep: 0,
            on_their_way: 0,
        }
    }

    /// Before the wait.
    pub(super) fn enter(&mut self) {
        self.asleep += 1;
    }

    /// After the wait.
    pub(super) fn leave(&mut self) {
        self.asleep -= 1;
        self.on_their_way = self.on_their_way.saturating_sub(1);
    }

    pub(super) fn is_anybody_asleep(&self) -> bool {
        self.asleep > 0
    }

    /// Whether there is one to notify, who then counts as being on its way.
    #[must_use]
    pub(super) fn wake_one(&mut self) -> bool {
        let is_one_left = self.on_their_way < self.asleep;
        self.on_their_way += usize::from(is_one_left);
        is_one_left
    }
}

/// Waits on `changed` while `must_wait`, but at most `limit`. Whoever calls this looks again
/// at the state in the guard: it says whether the wait ended well or time was up.
///
/// Like `Condvar::wait_timeout_while`, but for one thing. When a lock is poisoned, that one
/// returns at once, whatever `must_wait` would say; after `PoisonError::into_inner` nobody
/// sees that the condition does not hold. Here poison does not end the wait.
#[track_caller]
pub(super) fn wait_while_at_most<'a, T>(
    changed: &Condvar,
    mut guard: MutexGuard<'a, T>,
    limit: Duration,
    must_wait: impl Fn(&T) -> bool,
) -> MutexGuard<'a, T> {
    let start = Instant::now();
    while must_wait(&guard) {
        // What is left, counted from the start: a wake-up for no reason extends nothing.
        let left = limit.saturating_sub(start.elapsed());
        if left.is_zero() {
            break;
        }
        (guard, _) = changed
            .wait_timeout(guard, left)
            .unwrap_or_else(PoisonError::into_inner);
    }
    guard
}
