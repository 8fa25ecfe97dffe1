//! 05.6 (repair): three ways to lose a wake-up.
//!
//! `Progress` counts the steps of a job that are done, and others sleep until the step
//! comes that they need. To wake somebody is a system call; so those who sleep are
//! counted, and as long as there are none, `advance` does without it.
//!
//! It has three faults. With each of them a thread may sleep on although its step is
//! done: one sleeps where it should not, one is not seen, one is not woken. A test on an
//! x86 processor may pass for years.
//!
//! Goal:
//!
//! - `wait_for(step)` returns when so many steps are done, and not before; and whoever
//!   returns sees all that was done before the last of them.
//! - Whoever waits sleeps, and nobody sleeps on when its step is done.
//! - As long as nobody waits, `advance` does not call `futex`, whoever has waited before;
//!   and nobody uses any other lock. One call too many behind the last who waited is all
//!   right.
//!
//! Edit between the markers only. About 8 lines change, 20 minutes.
//! Stuck? `cargo hint 05.6`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! LOST WAKE-UP: thread 1 sleeps at e6_lost_wake_up.rs:72, in wait(done == 1); nobody is
//! left to wake anybody
//! ```

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
        // ORDERING: Release publishes the step; pairs with the first load in `wait_for`.
        self.done.fetch_add(1, Release);
        // ORDERING: Relaxed. A number; nothing is read because of it.
        if self.sleepers.load(Relaxed) > 0 {
            futex::wake_one(&self.done);
        }
    }

    /// Sleeps until `step` steps are done.
    pub fn wait_for(&self, step: u32) {
        // ORDERING: Acquire takes the steps up; pairs with `advance`.
        while self.done.load(Acquire) < step {
            // ORDERING: Relaxed. A number, as above.
            self.sleepers.fetch_add(1, Relaxed);
            // ORDERING: Relaxed. Only tells the kernel what we have seen.
            let seen = self.done.load(Relaxed);
            futex::wait(&self.done, seen);
            // ORDERING: Relaxed. A number, as above.
            self.sleepers.fetch_sub(1, Relaxed);
        }
    }
}

// --- to here ---
