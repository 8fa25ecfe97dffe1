//! the model must say: in wait(set == 0), but set is 1 now
//!
//! A count of those who wait, and both sides may miss each other.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
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
        self.set.store(1, Release);
        if self.waiting.load(Relaxed) > 0 {
            futex::wake_all(&self.set);
        }
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        self.set.load(Acquire) == 1
    }

    /// Waits until it happens.
    pub fn wait(&self) {
        while !self.is_set() {
            self.waiting.fetch_add(1, Relaxed);
            futex::wait(&self.set, 0);
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
            self.waiting.fetch_add(1, Relaxed);
            futex::wait_timeout(&self.set, 0, left);
            self.waiting.fetch_sub(1, Relaxed);
        }
        true
    }
}

// --- to here ---
