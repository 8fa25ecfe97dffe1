//! the model must say: 2 workers report 2147483648 items each of 3, and done() was 0, then 0, and 0 when
//!
//! Adds, and brings down what was too much: until then another may add to it, and 32 bits
//! come round to 0.

// --- edit from here ---

use super::ground::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Release},
};
use super::ground::hint;

/// What the workers of a job and its observer share.
#[derive(Debug)]
pub struct Job {
    stopped: AtomicBool,
    done: AtomicU32,
    total: u32,
}

impl Job {
    /// A job of `total` items, none of which is finished.
    pub fn new(total: u32) -> Self {
        Self {
            stopped: AtomicBool::new(false),
            done: AtomicU32::new(0),
            total,
        }
    }

    /// Tells the workers to stop.
    pub fn stop(&self) {
        // ORDERING: Release publishes what was done before; pairs with the Acquire load
        // in `is_stopped`.
        self.stopped.store(true, Release);
    }

    /// Whether the workers were told to stop.
    pub fn is_stopped(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release store in `stop`.
        self.stopped.load(Acquire)
    }

    /// Reports that `items` more are finished.
    pub fn advance(&self, items: u32) {
        // ORDERING: Release publishes the results; pairs with the Acquire load in
        // `done`.
        let sum = self.done.fetch_add(items, Release).saturating_add(items);
        if sum > self.total {
            // ORDERING: Release, as above.
            self.done.fetch_min(self.total, Release);
        }
    }

    /// How many items are finished.
    pub fn done(&self) -> u32 {
        // ORDERING: Acquire; pairs with the Release additions in `advance`.
        self.done.load(Acquire).min(self.total)
    }

    /// Waits until `goal` items are finished, or the job is stopped; returns whether they
    /// are finished. `goal` is at most what `new` was told.
    pub fn wait(&self, goal: u32) -> bool {
        loop {
            // First the flag, then the count. The other way round, the last report and
            // the stop may both come between the two looks.
            let stopped = self.is_stopped();
            if self.done() >= goal {
                return true;
            }
            if stopped {
                return false;
            }
            hint::spin_loop();
        }
    }
}

// --- to here ---
