//! The word that says how a pool stands.
//!
//! | bits | field | what it says |
//! |---|---|---|
//! | 0 to 13 | `idle` | how many workers have announced that they sleep, and were not called since |
//! | 14 to 27 | `spawned` | how many threads there are, or are being started |
//! | 28 | `notified` | somebody has been called and has not looked yet: the *waking* thread |
//! | 29 | `shutdown` | nothing is accepted any more |
//! | 30 | `started` | the first thread has been started |

use std::fmt;

use crate::ground::atomic::{AtomicU32, Ordering::SeqCst};

/// The most threads that a pool may have.
pub(super) const THREADS_MAX: usize = (1 << BITS) - 1;

const BITS: u32 = 14;
const FIELD: u32 = (1 << BITS) - 1;
const IDLE: u32 = 1;
const SPAWNED: u32 = 1 << BITS;
const NOTIFIED: u32 = 1 << (2 * BITS);
const SHUTDOWN: u32 = NOTIFIED << 1;
const STARTED: u32 = NOTIFIED << 2;

// ANCHOR: word
/// The word itself. All that changes it is here, by name.
pub(super) struct State(AtomicU32);

/// What the word said at one moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen(u32);

impl Seen {
    /// How many workers sleep, or are about to.
    pub(super) fn idle(self) -> usize {
        (self.0 & FIELD) as usize
    }

    /// How many threads there are, or are being started.
    pub(super) fn spawned(self) -> usize {
        (self.0 >> BITS & FIELD) as usize
    }

    /// Whether there is a waking thread.
    pub(super) fn is_notified(self) -> bool {
        self.0 & NOTIFIED != 0
    }

    /// Whether the pool has been shut down.
    pub(super) fn is_shut_down(self) -> bool {
        self.0 & SHUTDOWN != 0
    }

    /// Whether the first thread has been started.
    pub(super) fn has_started(self) -> bool {
        self.0 & STARTED != 0
    }
}
// ANCHOR_END: word

impl State {
    pub(super) fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// What it says now.
    pub(super) fn look(&self) -> Seen {
        // ORDERING: SeqCst. The second half of each handshake of `sleep`: see there.
        Seen(self.0.load(SeqCst))
    }

    /// Takes `notified`, if the word still says what was `seen`.
    pub(super) fn notify(&self, seen: Seen) -> Result<(), Seen> {
        let to = seen.0 | NOTIFIED;
        // ORDERING: SeqCst. As in `look`.
        let done = self.0.compare_exchange(seen.0, to, SeqCst, SeqCst);
        done.map(|_| ()).map_err(Seen)
    }

    /// Gives `notified` back. The caller looks again afterwards.
    pub(super) fn unnotify(&self) -> Seen {
        // ORDERING: SeqCst. The first half of a handshake: the look comes after it.
        Seen(self.0.fetch_and(!NOTIFIED, SeqCst))
    }

    /// One more is about to sleep; with `waking` it gives `notified` back as well.
    pub(super) fn lie_down(&self, waking: bool) {
        let down = if waking {
            IDLE.wrapping_sub(NOTIFIED)
        } else {
            IDLE
        };
        // ORDERING: SeqCst. As in `unnotify`.
        self.0.fetch_add(down, SeqCst);
    }

    /// One less sleeps.
    pub(super) fn rise(&self) {
        // ORDERING: SeqCst. As in `look`.
        self.0.fetch_sub(IDLE, SeqCst);
    }

    /// The caller, who has lain down, gets up by itself, because there is work. Whether it
    /// is the waking thread now.
    pub(super) fn rise_waking(&self) -> bool {
        // ORDERING: SeqCst. As in `look`.
        let seen = self.0.fetch_sub(IDLE, SeqCst).wrapping_sub(IDLE);
        let mut seen = Seen(seen);
        while !seen.is_notified() {
            match self.notify(seen) {
                Ok(()) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// Counts one more thread, unless there are `most` already.
    pub(super) fn reserve(&self, most: usize) -> bool {
        let mut seen = self.look();
        while seen.spawned() < most {
            let to = seen.0 + SPAWNED;
            // ORDERING: SeqCst. As in `look`.
            match self.0.compare_exchange(seen.0, to, SeqCst, SeqCst) {
                Ok(_) => return true,
                Err(now) => seen = Seen(now),
            }
        }
        false
    }

    /// One thread less, unless it is the last and `keep_one`.
    pub(super) fn retire(&self, keep_one: bool) -> bool {
        let mut seen = self.look();
        while seen.spawned() > usize::from(keep_one) {
            let to = seen.0 - SPAWNED;
            // ORDERING: SeqCst. As in `look`.
            match self.0.compare_exchange(seen.0, to, SeqCst, SeqCst) {
                Ok(_) => return true,
                Err(now) => seen = Seen(now),
            }
        }
        false
    }

    /// The first thread has been started.
    pub(super) fn start(&self) {
        // ORDERING: SeqCst. As in `look`.
        self.0.fetch_add(SPAWNED | STARTED, SeqCst);
    }

    /// From now on the pool is shut down. What it said before.
    pub(super) fn shut_down(&self) -> Seen {
        // ORDERING: SeqCst. The first half of a handshake, with those who lie down.
        Seen(self.0.fetch_or(SHUTDOWN, SeqCst))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.look().fmt(f)
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("idle", &self.idle())
            .field("spawned", &self.spawned())
            .field("notified", &self.is_notified())
            .field("shutdown", &self.is_shut_down())
            .finish_non_exhaustive()
    }
}
