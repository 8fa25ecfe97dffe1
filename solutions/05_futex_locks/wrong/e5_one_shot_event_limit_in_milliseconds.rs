//! the model must say: wait_timeout(2500 us) gave up after 2000 us
//!
//! Cuts the limit to whole milliseconds.

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
        // ORDERING: Release publishes all that was done before; pairs with the Acquire in
        // `is_set` and `mark`.
        //
        // Rejected: to look for AWAITED first, and to store SET then. Who leaves the mark
        // between the two is never woken.
        if self.word.swap(SET, Release) == AWAITED {
            futex::wake_all(&self.word);
        }
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release swap in `set`.
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
        let whole = match u64::try_from(limit.as_millis()) {
            Ok(millis) => Duration::from_millis(millis),
            Err(_) => limit,
        };
        let Some(end) = Instant::now().checked_add(whole) else {
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
        // ORDERING: Relaxed if the mark is new, for nothing is published by it. Acquire if
        // it has happened; pairs with the Release swap in `set`.
        let marked = self.word.compare_exchange(UNSET, AWAITED, Relaxed, Acquire);
        marked != Err(SET)
    }
}

// --- to here ---
