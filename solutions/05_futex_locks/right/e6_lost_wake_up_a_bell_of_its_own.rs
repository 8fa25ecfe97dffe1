//! Right: sleeps on a number that changes with each call for somebody.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{AtomicU32, Ordering::SeqCst};
use super::ground::futex;

/// How many steps of a job are done.
#[derive(Debug)]
pub struct Progress {
    done: AtomicU32,
    sleepers: AtomicU32,
    bell: AtomicU32,
}

impl Progress {
    /// None so far.
    pub fn new() -> Self {
        Self {
            done: AtomicU32::new(0).named("done"),
            sleepers: AtomicU32::new(0).named("sleepers"),
            bell: AtomicU32::new(0).named("bell"),
        }
    }

    /// One more step is done. Only one thread calls this.
    pub fn advance(&self) {
        // ORDERING: SeqCst, everywhere: who counts itself and then looks, and who counts
        // a step and then looks who sleeps, must not miss each other.
        self.done.fetch_add(1, SeqCst);
        if self.sleepers.load(SeqCst) > 0 {
            self.bell.fetch_add(1, SeqCst);
            futex::wake_all(&self.bell);
        }
    }

    /// Sleeps until `step` steps are done.
    pub fn wait_for(&self, step: u32) {
        // ORDERING: as in `advance`.
        if self.done.load(SeqCst) >= step {
            return;
        }
        self.sleepers.fetch_add(1, SeqCst);
        loop {
            let rung = self.bell.load(SeqCst);
            if self.done.load(SeqCst) >= step {
                break;
            }
            futex::wait(&self.bell, rung);
        }
        self.sleepers.fetch_sub(1, SeqCst);
    }
}

// --- to here ---
