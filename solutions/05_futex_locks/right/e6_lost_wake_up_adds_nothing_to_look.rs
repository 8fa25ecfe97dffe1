//! Right: a read-modify-write reads the newest value: whichever of the two comes second sees the first.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
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
        // ORDERING: Release publishes the step; pairs with the load in `wait_for`.
        self.done.fetch_add(1, Release);
        // ORDERING: AcqRel; pairs with the addition in `wait_for`: the second of the two
        // reads what the first has left.
        if self.sleepers.fetch_add(0, AcqRel) > 0 {
            futex::wake_all(&self.done);
        }
    }

    /// Sleeps until `step` steps are done.
    pub fn wait_for(&self, step: u32) {
        loop {
            // ORDERING: Acquire takes the steps up; pairs with the addition in `advance`.
            let seen = self.done.load(Acquire);
            if seen >= step {
                return;
            }
            // ORDERING: AcqRel; pairs with the addition in `advance`.
            self.sleepers.fetch_add(1, AcqRel);
            // On the number that was too small. If there is a new one by now, the kernel
            // sees that and returns.
            futex::wait(&self.done, seen);
            // ORDERING: Relaxed. If this is seen late, somebody is woken for nothing.
            self.sleepers.fetch_sub(1, Relaxed);
        }
    }
}

// --- to here ---
