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
use super::ground::atomic::AtomicU32;
use super::ground::time::Duration;

/// It has not happened.
const UNSET: u32 = 0;

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
        todo!(
            "say so in `word`, now {:?}, and wake all who sleep",
            self.word
        )
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        todo!("look at `word`, now {:?}", self.word)
    }

    /// Waits until it happens.
    pub fn wait(&self) {
        todo!("sleep on `word`, now {:?}, until it is set", self.word)
    }

    /// Waits until it happens, or until `limit` is over: `false`.
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        todo!("as `wait`, but for at most {limit:?}")
    }
}

// --- to here ---
