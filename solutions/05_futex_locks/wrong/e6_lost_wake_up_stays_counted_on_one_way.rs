//! the model must say: nobody waits any more, and futex is called to wake somebody
//!
//! Whoever finds a new number on its way to bed does not sleep, and stays counted.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, SeqCst},
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
        // ORDERING: SeqCst, here, on the next line and in `wait_for`. One of the two must
        // see the other: either `advance` finds the sleeper counted, or the kernel finds
        // the new number when that one goes to sleep. Also publishes the step.
        //
        // Rejected: AcqRel and Acquire. Each side stores to one and then looks at the
        // other, and no pair of these orders a store before a later load.
        self.done.fetch_add(1, SeqCst);
        if self.sleepers.load(SeqCst) > 0 {
            // All, for each may wait for another step.
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
            // ORDERING: SeqCst, before the kernel looks; see `advance`.
            self.sleepers.fetch_add(1, SeqCst);
            // ORDERING: SeqCst, as above: it may be done by now.
            if self.done.load(SeqCst) != seen {
                continue;
            }
            futex::wait(&self.done, seen);
            // ORDERING: Relaxed. If this is seen late, somebody is woken for nothing.
            self.sleepers.fetch_sub(1, Relaxed);
        }
    }
}

// --- to here ---
