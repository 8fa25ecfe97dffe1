//! the model must say: LOST WAKE-UP: thread 1 sleeps at e6_lost_wake_up_takes_a_new_mark_away.rs
//!
//! Whoever wakes takes the mark away, and with it that of one who came back in between.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Release},
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
        if self.sleepers.swap(0, AcqRel) > 0 {
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
            self.sleepers.swap(1, AcqRel);
            futex::wait(&self.done, seen);
        }
    }
}

// --- to here ---
