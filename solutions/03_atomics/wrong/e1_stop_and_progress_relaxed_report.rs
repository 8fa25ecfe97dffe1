//! the model must say: DATA RACE: main reads result at model.rs
//!
//! Counts in one step, and publishes nothing: it is only a number.

// --- edit from here ---

use super::ground::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::hint;

/// What the workers of a job and its observer share.
#[derive(Debug)]
pub struct Job {
    stopped: AtomicBool,
    /// Everything that was reported, also what goes beyond `total`.
    done: AtomicU64,
    total: u32,
}

impl Job {
    /// A job of `total` items, none of which is finished.
    pub fn new(total: u32) -> Self {
        Self {
            stopped: AtomicBool::new(false),
            done: AtomicU64::new(0),
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
        // ORDERING: Relaxed. It is only a number.
        self.done.fetch_add(items.into(), Relaxed);
    }

    /// How many items are finished.
    pub fn done(&self) -> u32 {
        // ORDERING: Acquire; pairs with the Release additions in `advance`.
        let done = self.done.load(Acquire);
        u32::try_from(done).map_or(self.total, |done| done.min(self.total))
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
