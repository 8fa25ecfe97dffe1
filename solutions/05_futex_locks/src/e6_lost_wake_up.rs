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
        // other, and no pair of these orders a store before a later load. Release on this
        // line alone is no better: the explorer lets it pass, for its SeqCst is a little
        // stricter than the language's where it is mixed with weaker orderings.
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
            // On the number that was too small. If there is a new one by now, the kernel
            // sees that and returns.
            futex::wait(&self.done, seen);
            // ORDERING: Relaxed. If this is seen late, somebody is woken for nothing.
            self.sleepers.fetch_sub(1, Relaxed);
        }
    }
}

// --- to here ---
