//! Right: the steps and the sleepers in one word, so that one addition tells of both.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::futex;

/// One who sleeps. Below it: how many steps are done.
const SLEEPER: u32 = 1 << 24;

/// How many steps of a job are done.
#[derive(Debug)]
pub struct Progress {
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
        // ORDERING: Release publishes the step; pairs with the Acquires in `wait_for`.
        if self.word.fetch_add(1, Release) >= SLEEPER {
            futex::wake_all(&self.word);
        }
    }

    /// Sleeps until `step` steps are done.
    pub fn wait_for(&self, step: u32) {
        // ORDERING: Acquire, here and below; pairs with the addition in `advance`.
        if self.word.load(Acquire) % SLEEPER >= step {
            return;
        }
        let mut seen = self.word.fetch_add(SLEEPER, Acquire) + SLEEPER;
        while seen % SLEEPER < step {
            futex::wait(&self.word, seen);
            seen = self.word.load(Acquire);
        }
        // ORDERING: Relaxed. Nothing is published by it.
        self.word.fetch_sub(SLEEPER, Relaxed);
    }
}

// --- to here ---
