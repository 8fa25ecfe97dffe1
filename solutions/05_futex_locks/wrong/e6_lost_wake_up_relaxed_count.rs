//! the model must say: LOST WAKE-UP: thread 1 sleeps at e6_lost_wake_up_relaxed_count.rs
//!
//! Both sides may look past each other.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::futex;

/// How many steps of a job are done.
#[derive(Debug)]
pub struct Progress {
    done: AtomicU32,
    /// How many threads sleep on `done`, or are about to.
    sleepers: AtomicU32,
}

impl Progress {
    /// None so far.
    pub fn new() -> Self {
        Self {
            done: AtomicU32::new(0).named("done"),
            sleepers: AtomicU32::new(0).named("sleepers"),
        }
    }

    /// One more step is done. Only one thread calls this.
    pub fn advance(&self) {
        self.done.fetch_add(1, Release);
        if self.sleepers.load(Relaxed) > 0 {
            // All, for each may wait for another step.
            futex::wake_all(&self.done);
        }
    }

    /// Sleeps until `step` steps are done.
    pub fn wait_for(&self, step: u32) {
        loop {
            let seen = self.done.load(Acquire);
            if seen >= step {
                return;
            }
            self.sleepers.fetch_add(1, Relaxed);
            // On the number that was too small. If there is a new one by now, the kernel
            // sees that and returns.
            futex::wait(&self.done, seen);
            self.sleepers.fetch_sub(1, Relaxed);
        }
    }
}

// --- to here ---
