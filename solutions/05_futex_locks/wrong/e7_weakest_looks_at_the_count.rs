//! must say: LOST WAKE-UP: main sleeps at e7_weakest_looks_at_the_count.rs
//!
//! Waits until the count is 0, which it may not be any more.

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
            let _ = generation;
            self.arrived.store(0, Release);
            futex::wake_all(&self.arrived);
            return true;
        }
        let mut arrived = self.arrived.load(Acquire);
        while arrived != 0 {
            futex::wait(&self.arrived, arrived);
            arrived = self.arrived.load(Acquire);
        }
        false
    }
}

// --- to here ---
