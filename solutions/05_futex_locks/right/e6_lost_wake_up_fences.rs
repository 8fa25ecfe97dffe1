//! Right: a fence on either side, and everything else as weak as it can be.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence,
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
        // ORDERING: SeqCst; pairs with the fence in `wait_for`. One of the two sees what
        // the other has stored before its fence.
        fence(SeqCst);
        // ORDERING: Relaxed, behind the fence.
        if self.sleepers.load(Relaxed) > 0 {
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
            // ORDERING: Relaxed, before the fence.
            self.sleepers.fetch_add(1, Relaxed);
            // ORDERING: SeqCst; pairs with the fence in `advance`.
            fence(SeqCst);
            // On the number that was too small. If there is a new one by now, the kernel
            // sees that and returns.
            futex::wait(&self.done, seen);
            // ORDERING: Relaxed. If this is seen late, somebody is woken for nothing.
            self.sleepers.fetch_sub(1, Relaxed);
        }
    }
}

// --- to here ---
