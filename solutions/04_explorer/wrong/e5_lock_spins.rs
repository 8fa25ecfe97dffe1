//! must say: a thread that waits for the lock does not sleep
//!
//! Asks again and again.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::{futex, hint};

const FREE: u32 = 0;
const TAKEN: u32 = 1;

/// A lock without anything in it.
#[derive(Debug)]
pub struct RawLock {
    state: AtomicU32,
}

impl RawLock {
    /// A lock that is free.
    pub fn unlocked() -> Self {
        Self {
            state: AtomicU32::new(FREE).named("state"),
        }
    }

    /// Waits until the lock is free, and takes it.
    pub fn lock(&self) {
        // ORDERING: Acquire if it succeeds; pairs with the store in `unlock`.
        while self
            .state
            .compare_exchange(FREE, TAKEN, Acquire, Relaxed)
            .is_err()
        {
            hint::spin_loop();
        }
    }

    /// Gives the lock back, and wakes one thread that waits for it.
    pub fn unlock(&self) {
        // ORDERING: Release publishes all that was done inside; pairs with the Acquire
        // in `lock`.
        self.state.store(FREE, Release);
        futex::wake_one(&self.state);
    }
}

// --- to here ---
