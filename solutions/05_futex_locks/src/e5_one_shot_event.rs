//! 05.5 (implement): an event that happens once.
//!
//! Threads wait until a file is loaded, or a server listens. That happens once, and from
//! then on nobody waits any more.
//!
//! Goal:
//!
//! - `set` wakes all who wait, and whoever comes later goes straight through. To set it
//!   once more changes nothing.
//! - Whoever learns that it is set, from whichever of the three calls, sees all that was
//!   done before `set`.
//! - Whoever waits sleeps until it is woken. To look a few times before is allowed.
//! - `wait_timeout` gives `true` if it is set, and `false` when `limit` is over, and not
//!   before: a wait on a futex also returns for no reason. `Duration::MAX` is a limit,
//!   too.
//! - If nobody has waited so far, `set` does not call `futex`. Once it is set, and all
//!   who slept are awake, nobody does.
//!
//! It is made of atomics and the futex, and of no other lock. The field is a suggestion.
//!
//! Edit between the markers only. About 25 lines, 20 minutes.
//! Stuck? `cargo hint 05.5`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! LOST WAKE-UP: thread 1 sleeps at e5_one_shot_event.rs:62, in wait(word == 0), but
//! word is 2 now; nobody is left to wake anybody
//! ```

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
        // ORDERING: Relaxed if the mark is new, for nothing is published by it. Acquire if
        // it has happened; pairs with the Release swap in `set`.
        let marked = self.word.compare_exchange(UNSET, AWAITED, Relaxed, Acquire);
        marked != Err(SET)
    }
}

// --- to here ---
