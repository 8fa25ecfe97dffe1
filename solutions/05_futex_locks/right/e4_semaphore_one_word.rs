//! Right: both numbers in one word: then release and acquire are enough.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::futex;

/// One who waits. Permits are the rest of the word, below.
const WAITER: u32 = 1 << 16;

/// A number of permits.
#[derive(Debug)]
pub struct Semaphore {
    /// Permits that nobody has, and threads that may be asleep.
    word: AtomicU32,
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
            word: AtomicU32::new(permits as u32).named("word"),
        }
    }

    /// How many are free just now.
    pub fn available(&self) -> usize {
        // ORDERING: Relaxed. It may be another number by the time it is looked at.
        (self.word.load(Relaxed) % WAITER) as usize
    }

    /// Waits until a permit is free, and takes it.
    pub fn acquire(&self) -> Permit<'_> {
        if let Some(permit) = self.try_acquire() {
            return permit;
        }
        // ORDERING: Relaxed. A number, and no more.
        let mut seen = self.word.fetch_add(WAITER, Relaxed) + WAITER;
        loop {
            if seen % WAITER == 0 {
                futex::wait(&self.word, seen);
                // ORDERING: Relaxed. The exchange below is what counts.
                seen = self.word.load(Relaxed);
                continue;
            }
            // ORDERING: Acquire takes up what was done before the permits were added; pairs
            // with the Release addition in `release`.
            match self.word.compare_exchange(
                seen,
                seen - 1 - WAITER,
                Acquire,
                Relaxed,
            ) {
                Ok(_) => return Permit { semaphore: self },
                Err(now) => seen = now,
            }
        }
    }

    /// Takes a permit if one is free now.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        let one_less = |word: u32| (word % WAITER > 0).then(|| word - 1);
        // ORDERING: Acquire, as in `acquire`.
        let taken = self.word.fetch_update(Acquire, Relaxed, one_less).is_ok();
        taken.then(|| Permit { semaphore: self })
    }

    /// Adds `count` permits.
    pub fn release(&self, count: usize) {
        // ORDERING: Release publishes what was done before; pairs with the Acquire in
        // `acquire` and `try_acquire`.
        if self.word.fetch_add(count as u32, Release) >= WAITER {
            if count == 1 {
                futex::wake_one(&self.word);
            } else {
                futex::wake_all(&self.word);
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
