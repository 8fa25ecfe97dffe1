//! Right: the exchange that sets the count back takes up, and so only the last one pays for it.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
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
        // ORDERING: Relaxed. This thread has seen the last generation begin, and the next
        // one does not begin without it.
        let generation = self.generation.load(Relaxed);
        // ORDERING: Release hands on what this thread did; pairs with the swap.
        if self.arrived.fetch_add(1, Release) + 1 == self.threads {
            // ORDERING: Acquire takes up what all the others did, as each addition goes on
            // with what was released to the one before; pairs with the addition.
            self.arrived.swap(0, Acquire);
            // ORDERING: Release hands on what all have done; pairs with the Acquire load
            // below.
            self.generation.store(generation.wrapping_add(1), Release);
            futex::wake_all(&self.generation);
            return true;
        }
        // ORDERING: Acquire; pairs with the Release store above.
        while self.generation.load(Acquire) == generation {
            futex::wait(&self.generation, generation);
        }
        false
    }
}

// --- to here ---
