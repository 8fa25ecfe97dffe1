//! must say: and nothing orders the two
//!
//! Looks, and then takes.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
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
        // ORDERING: Acquire; pairs with the Release store in `unlock`.
        while self.state.load(Acquire) == TAKEN {
            futex::wait(&self.state, TAKEN);
        }
        // ORDERING: Relaxed. What was acquired above is enough.
        self.state.store(TAKEN, Relaxed);
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
