//! must say: DATA RACE: thread 1 writes count
//!
//! Mends the sleep, and not the ordering.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed},
};
use super::ground::futex;

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
            futex::wait(&self.state, TAKEN);
        }
    }

    /// Gives the lock back, and wakes one thread that waits for it.
    pub fn unlock(&self) {
        // ORDERING: Relaxed. Only the owner comes here.
        self.state.store(FREE, Relaxed);
        futex::wake_one(&self.state);
    }
}

// --- to here ---
