//! What to do while waiting for a moment, as in [`std::hint`].

use std::cell::Cell;
use std::panic::Location;

pub use std::hint::black_box;

use crate::execution;

/// Says that the caller goes round a loop until another thread changes something.
///
/// Inside a model the thread then waits until something has changed that it has read, or
/// goes round alone in case its loop has an end.
#[track_caller]
pub fn spin_loop() {
    if execution::is_active() {
        execution::spin(Location::caller());
    } else {
        std::hint::spin_loop();
    }
}

/// Rounds after which [`Backoff::is_completed`] says so, in a model.
const ROUNDS: u32 = 2;

/// Rounds that only spin, outside a model; then the thread yields.
const SPIN_LIMIT: u32 = 6;

/// Rounds after which [`Backoff::is_completed`] says so, outside a model.
const YIELD_LIMIT: u32 = 10;

/// Waits longer each time, as crossbeam's does. In a model it gives up after two rounds, so
/// that what comes afterwards is explored as well.
#[derive(Debug, Default)]
pub struct Backoff {
    step: Cell<u32>,
}

impl Backoff {
    /// Begins with the shortest wait.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins anew.
    pub fn reset(&self) {
        self.step.set(0);
    }

    /// Waits a little, after an operation that failed because another thread was quicker.
    #[track_caller]
    pub fn spin(&self) {
        self.wait(false);
    }

    /// Waits, for another thread to get on; longer and longer, in the end by yielding.
    #[track_caller]
    pub fn snooze(&self) {
        self.wait(true);
    }

    /// Whether it is time to sleep instead.
    pub fn is_completed(&self) -> bool {
        let most = if execution::is_active() {
            ROUNDS
        } else {
            YIELD_LIMIT
        };
        self.step.get() > most
    }

    #[track_caller]
    fn wait(&self, may_yield: bool) {
        let step = self.step.get();
        self.step.set(step.saturating_add(1));
        if execution::is_active() {
            // It counts its rounds, so that no two are alike.
            execution::with(|execution| execution.note(u64::from(step)));
            execution::spin(Location::caller());
        } else if may_yield && step > SPIN_LIMIT {
            std::thread::yield_now();
        } else {
            for _ in 0..1_u32 << step.min(SPIN_LIMIT) {
                std::hint::spin_loop();
            }
        }
    }
}
