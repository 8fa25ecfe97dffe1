//! Right: a count beside the word, and a fence on either side.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence,
};
use super::ground::futex;
use super::ground::time::{Duration, Instant};

/// Something that happens once, and how many wait for it.
#[derive(Debug)]
pub struct Event {
    set: AtomicU32,
    waiting: AtomicU32,
}

impl Event {
    /// An event that has not happened.
    pub fn new() -> Self {
        Self {
            set: AtomicU32::new(0).named("set"),
            waiting: AtomicU32::new(0).named("waiting"),
        }
    }

    /// It happens: wakes all who wait.
    pub fn set(&self) {
        // ORDERING: Release publishes; pairs with the Acquire in `is_set`.
        self.set.store(1, Release);
        // ORDERING: SeqCst; pairs with the fences in the waits. Either `set` sees that
        // somebody waits, or that one sees that it is set.
        fence(SeqCst);
        // ORDERING: Relaxed, behind the fence.
        if self.waiting.load(Relaxed) > 0 {
            futex::wake_all(&self.set);
        }
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release in `set`.
        self.set.load(Acquire) == 1
    }

    /// Waits until it happens.
    pub fn wait(&self) {
        while !self.is_set() {
            // ORDERING: Relaxed, before the fence, which pairs with that in `set`.
            self.waiting.fetch_add(1, Relaxed);
            fence(SeqCst);
            futex::wait(&self.set, 0);
            // ORDERING: Relaxed. If it is seen late, somebody is woken for nothing.
            self.waiting.fetch_sub(1, Relaxed);
        }
    }

    /// Waits until it happens, or until `limit` is over: `false`.
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        let start = Instant::now();
        while !self.is_set() {
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                return false;
            }
            // ORDERING: Relaxed, before the fence, which pairs with that in `set`.
            self.waiting.fetch_add(1, Relaxed);
            fence(SeqCst);
            futex::wait_timeout(&self.set, 0, left);
            // ORDERING: Relaxed. If it is seen late, somebody is woken for nothing.
            self.waiting.fetch_sub(1, Relaxed);
        }
        true
    }
}

// --- to here ---
