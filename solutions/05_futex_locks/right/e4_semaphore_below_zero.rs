//! Right: the number goes below zero for each that waits, and sleepers are given tokens
//! of their own.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicI32, AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use super::ground::futex;

/// A number of permits.
#[derive(Debug)]
pub struct Semaphore {
    /// Permits that nobody has; or, below zero, threads that wait for one.
    free: AtomicI32,
    /// Permits for those that wait.
    tokens: AtomicU32,
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
            free: AtomicI32::new(permits as i32).named("free"),
            tokens: AtomicU32::new(0).named("tokens"),
        }
    }

    /// How many are free just now.
    pub fn available(&self) -> usize {
        // ORDERING: Relaxed. It may be another number by the time it is looked at.
        self.free.load(Relaxed).max(0) as usize
    }

    /// Waits until a permit is free, and takes it.
    pub fn acquire(&self) -> Permit<'_> {
        // ORDERING: Acquire takes up what was done before the permits were added; pairs with
        // the Release addition in `release`.
        if self.free.fetch_sub(1, Acquire) <= 0 {
            let one_less = |tokens: u32| tokens.checked_sub(1);
            // ORDERING: Acquire, as above; pairs with the addition to `tokens`.
            while self
                .tokens
                .fetch_update(Acquire, Relaxed, one_less)
                .is_err()
            {
                futex::wait(&self.tokens, 0);
            }
        }
        Permit { semaphore: self }
    }

    /// Takes a permit if one is free now.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        let one_less = |free: i32| (free > 0).then(|| free - 1);
        // ORDERING: Acquire, as in `acquire`.
        let taken = self.free.fetch_update(Acquire, Relaxed, one_less).is_ok();
        taken.then(|| Permit { semaphore: self })
    }

    /// Adds `count` permits.
    pub fn release(&self, count: usize) {
        // ORDERING: Release publishes what was done before; pairs with the Acquire in
        // `acquire` and `try_acquire`. Acquire hands on what others have published.
        let before = self.free.fetch_add(count as i32, AcqRel);
        let waiting = before.min(0).unsigned_abs();
        let tokens = waiting.min(count as u32);
        if tokens > 0 {
            // ORDERING: Release, as above.
            self.tokens.fetch_add(tokens, Release);
            for _ in 0..tokens {
                futex::wake_one(&self.tokens);
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
