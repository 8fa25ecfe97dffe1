//! Right: flag and count in one number, so that one look sees both.

// --- edit from here ---

use super::ground::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::hint;

/// What the workers of a job and its observer share.
#[derive(Debug)]
pub struct Job {
    /// The lowest bit: stopped. Above it: how many are done.
    state: AtomicU64,
    total: u32,
}

impl Job {
    /// A job of `total` items, none of which is finished.
    pub fn new(total: u32) -> Self {
        Self {
            state: AtomicU64::new(0),
            total,
        }
    }

    /// Tells the workers to stop.
    pub fn stop(&self) {
        // ORDERING: Release publishes what was done before; pairs with the Acquire load
        // in `is_stopped`.
        self.state.fetch_or(1, Release);
    }

    /// Whether the workers were told to stop.
    pub fn is_stopped(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release in `stop`.
        self.state.load(Acquire) & 1 == 1
    }

    /// Reports that `items` more are finished.
    pub fn advance(&self, items: u32) {
        // ORDERING: Release publishes the results; pairs with the Acquire load in
        // `done`.
        let more = |state: u64| {
            let done = (state >> 1) + u64::from(items);
            Some(done.min(self.total.into()) << 1 | state & 1)
        };
        let _ = self.state.fetch_update(Release, Relaxed, more);
    }

    /// How many items are finished.
    pub fn done(&self) -> u32 {
        // ORDERING: Acquire; pairs with the Release in `advance`.
        let state = self.state.load(Acquire);
        (state >> 1) as u32
    }

    /// Waits until `goal` items are finished, or the job is stopped; returns whether they
    /// are finished. `goal` is at most what `new` was told.
    pub fn wait(&self, goal: u32) -> bool {
        loop {
            // ORDERING: Acquire; pairs with the Release in `advance` and in `stop`.
            let state = self.state.load(Acquire);
            if (state >> 1) as u32 >= goal {
                return true;
            }
            if state & 1 == 1 {
                return false;
            }
            hint::spin_loop();
        }
    }
}

// --- to here ---
