//! 04.5 (repair): a lock that passes nearly every stress test.
//!
//! `lock` sleeps while another thread holds the lock, and `unlock` wakes one that
//! sleeps. On an x86 processor you can count to a million with it, and hardly ever will
//! it hang. It has two faults all the same: one makes what it protects unsafe, and one
//! lets a thread sleep for ever beside a lock that is free.
//!
//! Goal: no thread is inside together with another one, or before it sees all that
//! the one before it did; and nobody sleeps while the lock is free. Whoever cannot have
//! the lock sleeps, and does not ask again and again.
//!
//! Edit between the markers only. 2 lines change, 10 minutes.
//! Stuck? `cargo hint 04.5`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! DATA RACE: thread 1 writes count at model.rs:28, main wrote it at model.rs:28, and
//! nothing orders the two
//! ```

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
            // ORDERING: Relaxed. Only tells the kernel what we have seen.
            let seen = self.state.load(Relaxed);
            // Sleeps as long as `state` is `seen`.
            futex::wait(&self.state, seen);
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
