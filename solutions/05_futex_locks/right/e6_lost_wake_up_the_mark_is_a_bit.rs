//! Right: one word: the steps, and in the lowest bit whether anybody sleeps.

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
    /// Twice as many, and 1 more if somebody may be asleep.
    word: AtomicU32,
}

impl Progress {
    /// None so far.
    pub fn new() -> Self {
        Self {
            word: AtomicU32::new(0).named("word"),
        }
    }

    /// One more step is done. Only one thread calls this.
    pub fn advance(&self) {
        // ORDERING: Relaxed. Only this thread changes the number; the mark is seen below.
        let done = self.word.load(Relaxed) / 2;
        // ORDERING: Release publishes the step; pairs with the loads in `wait_for`.
        if self.word.swap(2 * (done + 1), Release) % 2 == 1 {
            futex::wake_all(&self.word);
        }
    }

    /// Sleeps until `step` steps are done.
    pub fn wait_for(&self, step: u32) {
        // ORDERING: Acquire takes the steps up; pairs with the swap in `advance`.
        let mut seen = self.word.load(Acquire);
        while seen / 2 < step {
            let marked = seen | 1;
            // ORDERING: Relaxed if the mark is new. Acquire if there are new steps; pairs
            // with the swap in `advance`.
            let mark = self.word.compare_exchange(seen, marked, Relaxed, Acquire);
            match mark {
                Ok(_) => futex::wait(&self.word, marked),
                Err(now) => {
                    seen = now;
                    continue;
                }
            }
            // ORDERING: Acquire, as above.
            seen = self.word.load(Acquire);
        }
    }
}

// --- to here ---
