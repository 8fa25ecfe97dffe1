//! the model must say: nothing orders the two
//!
//! If somebody else has left the mark, this one takes it for the event.

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::futex;
use super::ground::time::{Duration, Instant};

/// It has not happened.
const UNSET: u32 = 0;
/// It has not happened, and somebody may be asleep.
const AWAITED: u32 = 1;
/// It has happened.
const SET: u32 = 2;

/// Something that happens once.
#[derive(Debug)]
pub struct Event {
    word: AtomicU32,
}

impl Event {
    /// An event that has not happened.
    pub fn new() -> Self {
        Self {
            word: AtomicU32::new(UNSET).named("word"),
        }
    }

    /// It happens: wakes all who wait.
    pub fn set(&self) {
        if self.word.swap(SET, Release) == AWAITED {
            futex::wake_all(&self.word);
        }
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        self.word.load(Acquire) == SET
    }

    /// Waits until it happens.
    pub fn wait(&self) {
        while self.mark() {
            futex::wait(&self.word, AWAITED);
        }
    }

    /// Waits until it happens, or until `limit` is over: `false`.
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        let Some(end) = Instant::now().checked_add(limit) else {
            // No clock will ever show that time.
            self.wait();
            return true;
        };
        while self.mark() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            futex::wait_timeout(&self.word, AWAITED, left);
        }
        true
    }

    /// Leaves the mark that somebody is about to sleep, unless it has happened: `false`.
    fn mark(&self) -> bool {
        let marked = self.word.compare_exchange(UNSET, AWAITED, Relaxed, Acquire);
        marked.is_ok()
    }
}

// --- to here ---
