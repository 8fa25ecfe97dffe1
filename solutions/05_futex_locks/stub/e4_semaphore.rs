//! 05.4 (implement): a semaphore that asks the kernel only if it has to.
//!
//! The number of free permits is a word to sleep on: while it is 0. What it does not say is
//! whether anybody sleeps; but whoever brings a permit back has to know, or calls the
//! kernel each time.
//!
//! Goal:
//!
//! - `acquire` sleeps until a permit is free, and takes it. To look a few times before is
//!   allowed.
//! - `try_acquire` never waits. It gives `None` if no permit is free, and only then.
//! - `release` adds permits; a [`Permit`] that is dropped adds one, in whatever way. If
//!   several are added, they are for several who wait.
//! - Whoever takes a permit sees all that was done before those that are there were added.
//! - Nobody sleeps on while there is a permit.
//! - As long as nobody waits, none of this calls `futex`, whoever has waited before.
//!
//! There are never more than 65,535 permits, nor threads that wait for one.
//!
//! The fields are a suggestion; two numbers fit into one word, too.
//!
//! Edit between the markers only. About 25 lines, 25 minutes.
//! Stuck? `cargo hint 05.4`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! LOST WAKE-UP: thread 2 sleeps at e4_semaphore.rs:82, in wait(free == 0), but free is 1;
//! nobody is left to wake anybody
//! ```

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::AtomicU32;

/// A number of permits.
#[derive(Debug)]
pub struct Semaphore {
    /// Permits that nobody has.
    free: AtomicU32,
    /// Threads that may be asleep.
    waiting: AtomicU32,
}

/// A permit that was taken from a [`Semaphore`]. It goes back when dropped.
#[derive(Debug)]
#[must_use = "a permit that is dropped at once allows nothing"]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
}

impl Semaphore {
    /// A semaphore with so many permits, all of them free.
    pub fn new(permits: usize) -> Self {
        Self {
            free: AtomicU32::new(permits as u32).named("free"),
            waiting: AtomicU32::new(0).named("waiting"),
        }
    }

    /// How many are free just now.
    pub fn available(&self) -> usize {
        todo!("say how many {:?} are", self.free)
    }

    /// Waits until a permit is free, and takes it.
    pub fn acquire(&self) -> Permit<'_> {
        todo!(
            "take one from {:?}, or sleep as one of {:?}",
            self.free,
            self.waiting
        )
    }

    /// Takes a permit if one is free now.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        todo!("take one from {:?}, if there is one", self.free)
    }

    /// Adds `count` permits.
    pub fn release(&self, count: usize) {
        todo!("add {count} to {:?}; who is to be woken?", self.free)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        todo!("give one back to {:?}", self.semaphore.free)
    }
}

// --- to here ---
