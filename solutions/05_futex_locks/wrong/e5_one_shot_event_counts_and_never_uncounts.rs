//! the model must say: the event is set, and all who waited have gone on, and futex is called
//!
//! Whoever has waited is counted for ever.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{AtomicU32, Ordering::SeqCst};
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
        self.set.store(1, SeqCst);
        if self.waiting.load(SeqCst) > 0 {
            futex::wake_all(&self.set);
        }
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        self.set.load(SeqCst) == 1
    }

    /// Waits until it happens.
    pub fn wait(&self) {
        while !self.is_set() {
            self.waiting.fetch_add(1, SeqCst);
            futex::wait(&self.set, 0);
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
            self.waiting.fetch_add(1, SeqCst);
            futex::wait_timeout(&self.set, 0, left);
        }
        true
    }
}

// --- to here ---
