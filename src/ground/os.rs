//! What a kernel offers to wake an event loop from another thread, without the kernel.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A counter with a blocking wait: what an `eventfd` is.
///
/// Waking adds to the count, also while nobody waits, so that no wake-up is lost. A wait
/// sleeps while the count is zero, and takes the whole of it.
///
/// ```
/// use threadbare::ground::os::WakeCell;
///
/// let cell = WakeCell::new();
/// cell.wake();
/// cell.add(2);
/// assert_eq!(cell.wait(), 3);
/// ```
#[derive(Debug, Default)]
pub struct WakeCell {
    count: Mutex<u64>,
    not_zero: Condvar,
}

impl WakeCell {
    /// A cell whose count is zero.
    pub const fn new() -> Self {
        Self {
            count: Mutex::new(0),
            not_zero: Condvar::new(),
        }
    }

    /// Adds 1 to the count, and wakes who waits.
    pub fn wake(&self) {
        self.add(1);
    }

    /// Adds `n` to the count, and wakes who waits. The count stops at `u64::MAX`.
    pub fn add(&self, n: u64) {
        let mut count = self.lock();
        *count = count.saturating_add(n);
        drop(count);
        self.not_zero.notify_one();
    }

    /// Sleeps while the count is zero, then takes all of it and leaves zero.
    pub fn wait(&self) -> u64 {
        let mut count = self.lock();
        while *count == 0 {
            let woken = self.not_zero.wait(count);
            count = woken.unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::take(&mut *count)
    }

    /// As [`wait`](Self::wait), but for at most `limit`; `None` if the count was zero all
    /// the time.
    pub fn wait_timeout(&self, limit: Duration) -> Option<u64> {
        let Some(deadline) = Instant::now().checked_add(limit) else {
            return Some(self.wait());
        };
        let mut count = self.lock();
        while *count == 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let woken = self.not_zero.wait_timeout(count, left);
            (count, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
        Some(std::mem::take(&mut *count))
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        // No panic under this lock leaves the count half changed.
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
