//! 03.1 (implement): a stop flag, and a count of what is done.
//!
//! Workers go through a pile of items in batches, and report each batch when they have
//! finished it. An observer looks how far they are, waits, or tells them to stop.
//!
//! Goal:
//!
//! - `done` is how many items are finished. It never goes back, and is never more than
//!   `total`, however many workers report at once. Their last batches may be larger than
//!   what was left: then everything is done, and stays done.
//! - Whoever reads a count sees all that the workers did before they reported what is in
//!   it; whoever sees the flag sees all that was done before `stop`. The results
//!   themselves are plain memory. A report that comes when everything is done is in no
//!   count, and need not publish anything.
//! - `wait` returns true when `goal` items are finished, and false if they are not and
//!   the job was stopped. What was finished before the stop counts.
//!
//! `wait` may go round in a loop, and says so with `hint::spin_loop`. A job that is
//! stopped twice is stopped. The fields below are a suggestion.
//!
//! Edit between the markers only. About 12 lines, 15 minutes.
//! Stuck? `cargo hint 03.1`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! DATA RACE: main reads result at model.rs:64, thread 1 wrote it at model.rs:52, and
//! nothing orders the two
//! ```

// --- edit from here ---

use super::ground::atomic::{AtomicBool, AtomicU32};

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
        todo!(
            "turn `stopped`, now {:?}, into true, and publish that",
            self.stopped
        )
    }

    /// Whether the workers were told to stop.
    pub fn is_stopped(&self) -> bool {
        todo!(
            "read `stopped`, now {:?}, and take up what `stop` did",
            self.stopped
        )
    }

    /// Reports that `items` more are finished.
    pub fn advance(&self, items: u32) {
        todo!(
            "add {items} to `done`, now {:?}, up to {}",
            self.done,
            self.total
        )
    }

    /// How many items are finished.
    pub fn done(&self) -> u32 {
        todo!(
            "read `done`, now {:?} of {}, and take it up",
            self.done,
            self.total
        )
    }

    /// Waits until `goal` items are finished, or the job is stopped; returns whether they
    /// are finished. `goal` is at most what `new` was told.
    pub fn wait(&self, goal: u32) -> bool {
        todo!(
            "wait until `done`, now {:?}, is {goal}, or `stopped`, now {:?}, is true",
            self.done,
            self.stopped
        )
    }
}

// --- to here ---
