//! the model must say: the only item was reported, then the job was stopped, and wait(1) returned false
//!
//! Looks at the count first, and believes the flag then.

// --- edit from here ---

use super::ground::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Release},
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
        // In 64 bits it would take 4 billion of the largest reports to come round to 0.
        //
        // Rejected: 32 bits, and `fetch_sub` for what is too much. In between, everybody
        // sees the sum that is too large, or one that went past the end of the number.
        //
        // ORDERING: Release publishes the results; pairs with the Acquire load in
        // `done`. Another worker's addition does not take this one's place: it keeps
        // what was attached, and adds its own.
        self.done.fetch_add(items.into(), Release);
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
            if self.done() >= goal {
                return true;
            }
            if self.is_stopped() {
                return false;
            }
            hint::spin_loop();
        }
    }
}

// --- to here ---
