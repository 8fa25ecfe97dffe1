//! What a kernel offers to wake an event loop from another thread.

use std::panic::Location;

use super::Named;
use super::sync::Monitor;
use super::time::Duration;

/// A counter with a blocking wait: what an `eventfd` is.
///
/// Waking adds to the count, also while nobody waits, so that no wake-up is lost. A wait
/// sleeps while the count is zero, and takes the whole of it.
#[derive(Debug)]
pub struct WakeCell {
    count: Monitor<u64>,
}

impl WakeCell {
    /// A cell whose count is zero.
    #[track_caller]
    pub fn new() -> Self {
        let count = Monitor::new(0);
        Self { count }
    }

    /// Adds 1 to the count, and wakes who waits.
    #[track_caller]
    pub fn wake(&self) {
        self.add(1);
    }

    /// Adds `n` to the count, and wakes who waits. The count stops at `u64::MAX`.
    #[track_caller]
    pub fn add(&self, n: u64) {
        let site = Location::caller();
        let add = |count: &mut u64| *count = count.saturating_add(n);
        self.count.change("wake", site, add);
    }

    /// Sleeps while the count is zero, then takes all of it and leaves zero.
    #[track_caller]
    pub fn wait(&self) -> u64 {
        let count = self.count.wait("wait", Location::caller(), None, take);
        count.expect("without a limit it waits")
    }

    /// As [`wait`](Self::wait), but for at most `limit`; `None` if the count was zero all
    /// the time.
    #[track_caller]
    pub fn wait_timeout(&self, limit: Duration) -> Option<u64> {
        self.count
            .wait("wait", Location::caller(), Some(limit), take)
    }
}

fn take(count: &mut u64) -> Option<u64> {
    (*count > 0).then(|| std::mem::take(count))
}

impl Default for WakeCell {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl Named for WakeCell {
    fn named(self, name: &'static str) -> Self {
        self.count.set_name(name);
        self
    }
}
