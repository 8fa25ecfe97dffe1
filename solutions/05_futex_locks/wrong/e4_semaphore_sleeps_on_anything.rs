//! the model must say: nobody is left to wake anybody
//!
//! Loads what it waits for, and that may be a permit.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Relaxed, SeqCst},
};
use super::ground::futex;

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
        // ORDERING: Relaxed. It may be another number by the time it is looked at.
        self.free.load(Relaxed) as usize
    }

    /// Waits until a permit is free, and takes it.
    pub fn acquire(&self) -> Permit<'_> {
        if let Some(permit) = self.try_acquire() {
            return permit;
        }
        // ORDERING: SeqCst: we count ourselves, and look for a permit then; `release` adds a
        // permit, and looks for us then. One of the two sees what the other has done.
        self.waiting.fetch_add(1, SeqCst);
        let permit = loop {
            match self.try_acquire() {
                Some(permit) => break permit,
                None => futex::wait(&self.free, self.free.load(Relaxed)),
            }
        };
        // ORDERING: Relaxed. Whoever sees this too late makes a call for nothing.
        self.waiting.fetch_sub(1, Relaxed);
        permit
    }

    /// Takes a permit if one is free now.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        // ORDERING: SeqCst takes up what was done before the permits were added, and for the
        // look that comes after the addition in `acquire`; pairs with the addition in
        // `release`.
        let one_less = |free: u32| free.checked_sub(1);
        let taken = self.free.fetch_update(SeqCst, SeqCst, one_less).is_ok();
        // Made only where there was a permit: to drop it adds one.
        taken.then(|| Permit { semaphore: self })
    }

    /// Adds `count` permits.
    pub fn release(&self, count: usize) {
        // ORDERING: SeqCst publishes what was done before, and comes before the look for
        // sleepers; pairs with the look in `try_acquire`.
        self.free.fetch_add(count as u32, SeqCst);
        // Rejected: to wake only if there was no permit before. Of two permits that come one
        // after the other, the second would be for nobody.
        //
        // ORDERING: SeqCst; pairs with the addition in `acquire`.
        if self.waiting.load(SeqCst) > 0 {
            if count == 1 {
                futex::wake_one(&self.free);
            } else {
                futex::wake_all(&self.free);
            }
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.semaphore.release(1);
    }
}

// --- to here ---
