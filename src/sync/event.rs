//! An event: something that happens, and threads that wait until it has.
//!
//! | kind | `set` | whom it lets go |
//! |---|---|---|
//! | [`manual_reset`](Event::manual_reset) | opens a gate | all, until [`reset`](Event::reset) closes it |
//! | [`auto_reset`](Event::auto_reset) | puts down one ticket | one, who takes it |
//!
//! # Set, and reset at once
//! A gate that is opened and closed again lets go everybody who waited when it was opened,
//! however late they wake up. A flag alone cannot do that: who wakes late finds it down,
//! and sleeps again. So the word of a manual event counts how often it was opened, and a
//! waiter leaves when that number is not the one it came with.
//!
//! The word of an auto-reset event counts as well: those who wait, and those of them who
//! have been let go and have not woken up yet. Two sets with two waiters let both go, also
//! if the second comes before the first has woken anybody. With a flag, the second would be
//! lost.

use std::fmt;

use super::Limit;
use crate::ground::atomic::{AtomicU32, Ordering::Acquire};
use crate::ground::const_new;
use crate::ground::time::Duration;

mod auto;
mod manual;

/// Something that happens, and threads that wait until it has.
///
/// Compare: a [`Semaphore`](super::Semaphore) of one permit is an auto-reset event that
/// counts its sets; a [`Once`](super::Once) is a manual event that also does what is waited
/// for; [`atomic::Signal`](crate::atomic::Signal) is an auto-reset event for one thread,
/// with a shutdown.
///
/// # Example
/// ```
/// use std::thread;
/// use threadbare::sync::Event;
///
/// static OPEN: Event = Event::manual_reset();
///
/// thread::scope(|scope| {
///     for _ in 0..3 {
///         scope.spawn(|| OPEN.wait());
///     }
///     OPEN.set(); // all three go
/// });
/// assert!(OPEN.is_set());
/// OPEN.reset();
/// assert!(!OPEN.is_set());
/// ```
// ANCHOR: event
pub struct Event {
    kind: Kind,
    /// What it says depends on the kind, except for [`SET`].
    word: AtomicU32,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Auto,
    Manual,
}

/// The event is set: the next to wait does not have to.
const SET: u32 = 1;
// ANCHOR_END: event

impl Event {
    const_new! {
        /// An event that is not set, and that a waiter resets as it is let go.
        ///
        /// ```
        /// use threadbare::sync::Event;
        ///
        /// let work = Event::auto_reset();
        /// work.set();
        /// work.set(); // was set already: nothing changes
        /// work.wait();
        /// assert!(!work.is_set());
        /// ```
        #[must_use]
        pub fn auto_reset() -> Self {
            Self {
                kind: Kind::Auto,
                word: AtomicU32::new(0),
            }
        }
    }

    const_new! {
        /// An event that is not set, and that stays set until it is [`reset`](Self::reset).
        #[must_use]
        pub fn manual_reset() -> Self {
            Self {
                kind: Kind::Manual,
                word: AtomicU32::new(0),
            }
        }
    }

    /// Sets the event. A manual one lets everybody go who waits. An auto-reset one lets one
    /// of them go; if there is none, the next to come.
    ///
    /// If it is set already, nothing changes.
    ///
    /// # Memory ordering
    /// All that came before this call happens-before the return of every wait that it lets
    /// go, also if the event had been set already.
    /// # Cost
    /// One compare-exchange; a system call if somebody sleeps.
    pub fn set(&self) {
        match self.kind {
            Kind::Auto => auto::set(&self.word),
            Kind::Manual => manual::set(&self.word),
        }
    }

    /// Makes whoever comes from now on wait for the next [`set`](Self::set). Those who have
    /// been let go by the last one are not held up.
    ///
    /// # Memory ordering
    /// All that came before a `set` which this call undoes happens-before its return. So who
    /// resets first and then looks for what was announced misses nothing.
    pub fn reset(&self) {
        // ORDERING: Acquire pairs with the Release in `set`: see "Memory ordering".
        self.word.fetch_and(!SET, Acquire);
    }

    /// Waits until the event is set. Returns at once if it is.
    ///
    /// # Blocking
    /// Sleeps until [`set`](Self::set). Spurious wakes are absorbed. Not fair: with an
    /// auto-reset event somebody who has just come may be let go in place of who sleeps.
    /// # Panics
    /// If more than 32,767 threads wait for an auto-reset event at once.
    /// # Memory ordering
    /// See [`set`](Self::set).
    /// # Cost
    /// If it is set: one load, and for an auto-reset event one compare-exchange.
    pub fn wait(&self) {
        self.wait_until(|| Limit::NONE);
    }

    /// Waits until the event is set, but at most `limit`; whether it was in time.
    ///
    /// # Blocking
    /// As [`wait`](Self::wait). Spurious wakes do not extend `limit`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let never = threadbare::sync::Event::auto_reset();
    /// assert!(!never.wait_timeout(Duration::from_millis(1)));
    /// ```
    #[must_use = "it says whether the event was set or time was up"]
    pub fn wait_timeout(&self, limit: Duration) -> bool {
        self.wait_until(|| Limit::of(limit))
    }

    /// Whether it is set. Out of date when you read it, unless nobody resets it.
    ///
    /// # Memory ordering
    /// If it is, all that came before a `set` of it happens-before this call's return.
    #[must_use]
    pub fn is_set(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `set`.
        self.word.load(Acquire) & SET != 0
    }

    fn wait_until(&self, limit: impl FnOnce() -> Limit) -> bool {
        match self.kind {
            Kind::Auto => auto::wait(&self.word, limit),
            Kind::Manual => manual::wait(&self.word, limit),
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("kind", &self.kind)
            .field("is_set", &self.is_set())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;
