//! 05.7 (weakest ordering): a barrier that is right, and pays for more than it needs.
//!
//! Each thread counts itself in. The last one sets the count back, begins a new
//! generation, and wakes the others, which have slept on the old one. With `SeqCst`
//! everywhere that is right, and dearer than need be.
//!
//! Goal: it stays right, and no ordering in it is stronger than it has to be: whichever
//! you weaken by one step, some thread comes out of `meet` and does not see what another
//! one did before, or overwrites what another one still reads. There is more than one
//! best answer, and any of them will do.
//!
//! - What is done, and when, stays as it is, and so do the types (another operation of the
//!   same effect is fine). Orderings may be changed, and fences put in (`ground::atomic`).
//! - One step weaker is: for a load `SeqCst`, `Acquire`, `Relaxed`; for a store
//!   `SeqCst`, `Release`, `Relaxed`; for an addition or a fence `SeqCst`, `AcqRel`, then
//!   `Acquire` or `Release`, then `Relaxed`, or no fence.
//! - The same threads meet again and again, and nobody else does.
//!
//! Edit between the markers only. About 6 lines, 20 minutes.
//! Stuck? `cargo hint 05.7`, three levels.
//!
//! A failing run prints an interleaving that goes wrong, or for instance:
//! ```text
//! line 53, generation.load: SeqCst is stronger than it has to be, Acquire would do
//! ```

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{AtomicU32, Ordering::SeqCst};
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
        let generation = self.generation.load(SeqCst);
        if self.arrived.fetch_add(1, SeqCst) + 1 == self.threads {
            self.arrived.store(0, SeqCst);
            self.generation.store(generation.wrapping_add(1), SeqCst);
            futex::wake_all(&self.generation);
            return true;
        }
        while self.generation.load(SeqCst) == generation {
            futex::wait(&self.generation, generation);
        }
        false
    }
}

// --- to here ---
