//! must say: line 37, generation.fetch_add: AcqRel is stronger than it has to be, Release would do
//!
//! An addition that also takes up, and there is nothing to take up.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use super::ground::futex;

/// A place where a number of threads wait for each other.
#[derive(Debug)]
pub struct Meeting {
    threads: u32,
    arrived: AtomicU32,
    generation: AtomicU32,
}

impl Meeting {
    /// A meeting of `threads`.
    pub fn of(threads: u32) -> Self {
        Self {
            threads,
            arrived: AtomicU32::new(0).named("arrived"),
            generation: AtomicU32::new(0).named("generation"),
        }
    }

    /// Waits until all have come; `true` for the one that was the last.
    pub fn meet(&self) -> bool {
        let generation = self.generation.load(Relaxed);
        if self.arrived.fetch_add(1, AcqRel) + 1 == self.threads {
            self.arrived.store(0, Relaxed);
            self.generation.fetch_add(1, AcqRel);
            futex::wake_all(&self.generation);
            return true;
        }
        while self.generation.load(Acquire) == generation {
            futex::wait(&self.generation, generation);
        }
        false
    }
}

// --- to here ---
