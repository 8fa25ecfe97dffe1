//! Right: the top bit says that it is set, the others count who waits.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::futex;
use super::ground::time::{Duration, Instant};

const SET: u32 = 1 << 31;

/// Something that happens once.
#[derive(Debug)]
pub struct Event {
    word: AtomicU32,
}

impl Event {
    /// An event that has not happened.
    pub fn new() -> Self {
        Self {
            word: AtomicU32::new(0).named("word"),
        }
    }

    /// It happens: wakes all who wait.
    pub fn set(&self) {
        // ORDERING: Release publishes; pairs with the Acquire in `wait_until` and `is_set`.
        let before = self.word.fetch_or(SET, Release);
        if before & SET == 0 && before > 0 {
            futex::wake_all(&self.word);
        }
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release in `set`.
        self.word.load(Acquire) & SET != 0
    }

    /// Waits until it happens.
    pub fn wait(&self) {
        self.wait_until(None);
    }

    /// Waits until it happens, or until `limit` is over: `false`.
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        self.wait_until(Some(limit))
    }

    fn wait_until(&self, limit: Option<Duration>) -> bool {
        if self.is_set() {
            return true;
        }
        let start = Instant::now();
        // ORDERING: Acquire, if it is set by now; pairs with the Release in `set`.
        let mut seen = self.word.fetch_add(1, Acquire) + 1;
        while seen & SET == 0 {
            match limit.map(|limit| limit.saturating_sub(start.elapsed())) {
                None => futex::wait(&self.word, seen),
                Some(Duration::ZERO) => {
                    // ORDERING: Relaxed. Nothing is published by it.
                    return self.word.fetch_sub(1, Relaxed) & SET != 0
                        && self.is_set();
                }
                Some(left) => {
                    futex::wait_timeout(&self.word, seen, left);
                }
            }
            // ORDERING: Acquire; pairs with the Release in `set`.
            seen = self.word.load(Acquire);
        }
        true
    }
}

// --- to here ---
