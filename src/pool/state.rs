//! The word that says how a pool stands.
//!
//! | bits | field | what it says |
//! |---|---|---|
//! | 0 to 13 | `idle` | how many workers have announced that they sleep, and have not been taken off their beds since |
//! | 14 to 27 | `spawned` | how many threads there are, or are being started |
//! | 28 | `notified` | there is a *waking* thread: somebody has been called, or started, and has not looked yet |
//! | 29 | `shutdown` | nothing from outside is accepted any more |
//! | 30 | `started` | the first thread has been started |
//!
//! It is one word so that a look at it is one load: whoever brings a job learns at once
//! whether there is anybody to call, whether a thread could be started, and whether somebody
//! is on the way already. What each change means is in `README.md`.
//!
//! The word hands over no data, but for `shutdown`. What makes a change seen in time by those
//! whom it concerns are the fences around it, in `sleep`.

use std::fmt;

use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

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
        Self(AtomicU32::new(0).named("state"))
    }

    /// What it says now.
    #[inline]
    pub(super) fn look(&self) -> Seen {
        // ORDERING: Acquire. Who sees `shutdown` sees that the injector is closed; pairs with
        // the Release in `shut_down`.
        Seen(self.0.load(Acquire))
    }

    /// Takes `notified`; `false` if there is a waking thread already.
    pub(super) fn notify(&self) -> bool {
        // ORDERING: Relaxed. Who takes it relies on the fence before, in `notify` of `sleep`,
        // and who does not relies on the one that `unnotify` speaks of.
        !Seen(self.0.fetch_or(NOTIFIED, Relaxed)).is_notified()
    }

    /// Gives `notified` back. The caller goes through [`heavy`](super::fence::heavy), and
    /// looks again.
    pub(super) fn unnotify(&self) -> Seen {
        // ORDERING: Relaxed. The fence behind it pairs with the one in `notify`, of those who
        // saw `notified` and left.
        Seen(self.0.fetch_and(!NOTIFIED, Relaxed))
    }

    /// One more is about to sleep; if it is the waking thread, it gives `notified` back with
    /// it. The caller goes through [`heavy`](super::fence::heavy), and looks again.
    pub(super) fn lie_down(&self, waking: bool) {
        let down = if waking {
            IDLE.wrapping_sub(NOTIFIED)
        } else {
            IDLE
        };
        // ORDERING: Relaxed, as in `unnotify`.
        self.0.fetch_add(down, Relaxed);
    }

    /// One who lay down has been taken off the bed.
    pub(super) fn rise(&self) {
        // ORDERING: Relaxed. Who still counts it looks for a sleeper in vain.
        self.0.fetch_sub(IDLE, Relaxed);
    }

    /// Counts one more thread, unless there are `most` already.
    pub(super) fn reserve(&self, most: usize) -> bool {
        self.count(|seen| (seen.spawned() < most).then(|| seen.0 + SPAWNED))
    }

    /// One thread less, unless it is the last and `keep_one`. The caller goes through
    /// [`heavy`](super::fence::heavy), and looks again.
    pub(super) fn retire(&self, keep_one: bool) -> bool {
        let least = usize::from(keep_one);
        self.count(|seen| (seen.spawned() > least).then(|| seen.0 - SPAWNED))
    }

    /// The first thread is about to be started, as the waking thread.
    pub(super) fn begin(&self) {
        // ORDERING: Relaxed, here and in the two below. They say that there is a thread, and
        // nothing about it.
        self.0.fetch_add(SPAWNED | NOTIFIED, Relaxed);
    }

    /// It could not be started.
    pub(super) fn begin_failed(&self) {
        // ORDERING: as in `begin`.
        self.0.fetch_sub(SPAWNED | NOTIFIED, Relaxed);
    }

    /// It has been started.
    pub(super) fn has_begun(&self) {
        // ORDERING: as in `begin`.
        self.0.fetch_or(STARTED, Relaxed);
    }

    /// From now on the pool is shut down. What the word said before.
    pub(super) fn shut_down(&self) -> Seen {
        // ORDERING: Release. The injector is closed; pairs with the Acquire in `look`.
        Seen(self.0.fetch_or(SHUTDOWN, Release))
    }

    fn count(&self, to: impl Fn(Seen) -> Option<u32>) -> bool {
        let mut seen = self.look();
        while let Some(to) = to(seen) {
            match self.exchange(seen, to) {
                Ok(()) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    fn exchange(&self, seen: Seen, to: u32) -> Result<(), Seen> {
        // ORDERING: Relaxed, both. Where the order matters, a fence stands beside it.
        let done = self.0.compare_exchange(seen.0, to, Relaxed, Relaxed);
        done.map(|_| ()).map_err(Seen)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(state: &State) -> (usize, usize, bool) {
        let seen = state.look();
        (seen.idle(), seen.spawned(), seen.is_notified())
    }

    #[test]
    fn each_change_touches_its_own_field() {
        let state = State::new();
        assert!(!state.look().has_started());
        state.begin();
        state.begin_failed();
        assert_eq!(fields(&state), (0, 0, false));
        state.begin();
        assert_eq!(fields(&state), (0, 1, true));
        assert!(!state.look().has_started());
        state.has_begun();
        assert!(state.look().has_started());
        assert!(state.unnotify().is_notified());
        assert!(state.reserve(2) && !state.reserve(2));
        state.lie_down(false);
        assert_eq!(fields(&state), (1, 2, false));
        assert!(state.notify());
        assert_eq!(fields(&state), (1, 2, true));
        state.lie_down(true);
        assert_eq!(fields(&state), (2, 2, false));
        state.rise();
        state.rise();
        assert!(state.notify());
        assert!(!state.notify(), "there is a waking thread already");
        assert_eq!(fields(&state), (0, 2, true));
        assert!(state.unnotify().is_notified());
        assert!(state.retire(true) && !state.retire(true) && state.retire(false));
        assert_eq!(fields(&state), (0, 0, false));
    }

    #[test]
    fn a_full_pool_fits_into_the_word() {
        let state = State::new();
        for _ in 0..THREADS_MAX {
            assert!(state.reserve(THREADS_MAX));
            state.lie_down(false);
        }
        assert_eq!(fields(&state), (THREADS_MAX, THREADS_MAX, false));
        assert!(state.notify());
        assert!(!state.shut_down().is_shut_down());
        assert_eq!(fields(&state), (THREADS_MAX, THREADS_MAX, true));
        assert!(state.shut_down().is_shut_down());
    }

    #[test]
    fn debug_names_the_fields() {
        let state = State::new();
        state.begin();
        let shown =
            "State { idle: 0, spawned: 1, notified: true, shutdown: false, .. }";
        assert_eq!(format!("{state:?}"), shown);
    }
}
