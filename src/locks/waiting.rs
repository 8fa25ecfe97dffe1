//! Waiting on a condition variable with a limit, behind a lock whose poison means nothing.

use crate::ground::sync::{Condvar, MutexGuard, PoisonError};
use crate::ground::time::{Duration, Instant};

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
