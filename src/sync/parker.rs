//! Putting one thread to sleep until another says that it may go on.
//!
//! `std::thread::park` does the same with a place that each thread has once, for all that
//! it waits for. Two parts of a program that park the same thread so take each other's
//! wake-ups. A [`Parker`] is a place of its own.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use super::Limit;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::futex;
use crate::ground::sync::Arc;
use crate::ground::time::Duration;

// ANCHOR: parker
/// Nothing to go on with, and nobody sleeps.
const EMPTY: u32 = 0;
/// There is a token: whoever parks next goes on at once.
const TOKEN: u32 = 1;
/// The thread sleeps, or is about to.
const PARKED: u32 = 2;

/// | word | `park` | `unpark` |
/// |---|---|---|
/// | `EMPTY` | makes it `PARKED`, and sleeps | makes it `TOKEN` |
/// | `TOKEN` | makes it `EMPTY`, and goes on | leaves it |
/// | `PARKED` | sleeps on: it was woken for no reason | makes it `TOKEN`, and wakes |
struct Word(AtomicU32);

impl Word {
    /// Takes the token if it is there.
    fn take(&self) -> bool {
        // ORDERING: Acquire. What was done before each `unpark` that this takes happens
        // before; pairs with the Release in `unpark`. On failure Relaxed: nothing is
        // looked at.
        let taken = self.0.compare_exchange(TOKEN, EMPTY, Acquire, Relaxed);
        taken.is_ok()
    }

    /// Takes the token, or says that this thread is about to sleep.
    fn take_or_mark(&self) -> bool {
        // ORDERING: Relaxed, both. A mark for `unpark`; nothing else is told by it.
        let marked = self.0.compare_exchange(EMPTY, PARKED, Relaxed, Relaxed);
        // Somebody has unparked since, and nobody but this thread takes a token.
        marked.is_err() && self.take()
    }

    /// Gives a token, also if there is one.
    fn unpark(&self) {
        // ORDERING: Release. What was done before happens before `park` goes on; pairs with
        // the Acquire in `take` and in `give_up`. A swap keeps what others have released
        // here before, which a store would cut off.
        if self.0.swap(TOKEN, Release) == PARKED {
            futex::wake_one(&self.0);
        }
    }

    /// Stops sleeping. The token may have come at the last moment.
    fn give_up(&self) -> bool {
        // ORDERING: Acquire, as in `take`; pairs with the Release in `unpark`.
        self.0.swap(EMPTY, Acquire) == TOKEN
    }
}
// ANCHOR_END: parker

/// Where one thread sleeps until somebody with an [`Unparker`] wakes it.
///
/// There is one token, or none. [`Unparker::unpark`] gives it, and if it is there already
/// that changes nothing; [`park`](Self::park) takes it, and sleeps while there is none. So a
/// wake-up that comes before the sleep is not lost, and ten of them are one.
///
/// A token says *look again*, and not what has happened: whoever parks does so in a loop
/// around a condition of its own.
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
/// use std::thread;
/// use threadbare::sync::Parker;
///
/// let parker = Parker::new();
/// let unparker = parker.unparker();
/// let ready = AtomicBool::new(false);
/// thread::scope(|scope| {
///     scope.spawn(|| {
///         // ORDERING: Relaxed. The token orders it.
///         ready.store(true, Relaxed);
///         unparker.unpark();
///     });
///     // ORDERING: as above.
///     while !ready.load(Relaxed) {
///         parker.park();
///     }
/// });
/// ```
///
/// It may go to another thread, but not be shared: two that slept on it would take each
/// other's token.
///
/// ```compile_fail,E0277
/// let parker = threadbare::sync::Parker::new();
/// std::thread::scope(|scope| {
///     scope.spawn(|| parker.park());
/// });
/// ```
pub struct Parker {
    unparker: Unparker,
    /// A cell may go to another thread, and not be shared. So may this.
    one_thread: PhantomData<Cell<()>>,
}

/// Wakes the thread that sleeps on a [`Parker`]. There may be many of these, on any thread,
/// also when the parker is gone.
#[derive(Clone)]
pub struct Unparker {
    word: Arc<Word>,
}

impl Parker {
    /// Makes one without a token.
    ///
    /// # Cost
    /// Allocates the word, which the unparkers share.
    #[must_use]
    pub fn new() -> Self {
        let word = Arc::new(Word(AtomicU32::new(EMPTY)));
        Self {
            unparker: Unparker { word },
            one_thread: PhantomData,
        }
    }

    /// Sleeps until there is a token, and takes it.
    ///
    /// Unlike [`std::thread::park`] it does not return without one.
    ///
    /// # Blocking
    /// Sleeps on a word of its own. Woken by [`Unparker::unpark`]; wake-ups for no reason are
    /// absorbed. If no unparker is left, for ever.
    /// # Memory ordering
    /// Everything before each `unpark` since the last token was taken happens-before this
    /// call's return.
    /// # Cost
    /// With a token: two compare-exchanges; no system call.
    ///
    /// ```
    /// let parker = threadbare::sync::Parker::new();
    /// parker.unparker().unpark();
    /// parker.park(); // at once
    /// ```
    pub fn park(&self) {
        let word = &self.unparker.word;
        if word.take_or_mark() {
            return;
        }
        loop {
            futex::wait(&word.0, PARKED);
            if word.take() {
                return;
            }
        }
    }

    /// As [`park`](Self::park), for at most `limit`. Whether there was a token, which is
    /// taken then.
    ///
    /// # Blocking
    /// As `park`. Wake-ups for no reason do not extend `limit`; one that is too long for the
    /// clock is none.
    /// # Cost
    /// As `park`, and a look or two at the clock unless there is a token.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let parker = threadbare::sync::Parker::new();
    /// assert!(!parker.park_timeout(Duration::from_millis(1)));
    /// parker.unparker().unpark();
    /// assert!(parker.park_timeout(Duration::MAX));
    /// ```
    pub fn park_timeout(&self, limit: Duration) -> bool {
        let word = &self.unparker.word;
        if word.take_or_mark() {
            return true;
        }
        let limit = Limit::of(limit);
        while limit.wait(&word.0, PARKED) {
            if word.take() {
                return true;
            }
        }
        word.give_up()
    }

    /// Something with which others wake the thread that sleeps here.
    ///
    /// ```
    /// let parker = threadbare::sync::Parker::new();
    /// let unparker = parker.unparker();
    /// std::thread::spawn(move || unparker.unpark());
    /// parker.park();
    /// ```
    #[must_use]
    pub fn unparker(&self) -> Unparker {
        self.unparker.clone()
    }
}

impl Unparker {
    /// Gives the token, and wakes the thread if it sleeps.
    ///
    /// # Memory ordering
    /// As for [`Parker::park`], also if there was a token already.
    /// # Cost
    /// One swap; a system call only if the thread sleeps.
    ///
    /// ```
    /// let parker = threadbare::sync::Parker::new();
    /// let unparker = parker.unparker();
    /// unparker.unpark();
    /// unparker.unpark(); // still one token
    /// parker.park();
    /// assert!(!parker.park_timeout(std::time::Duration::ZERO));
    /// ```
    pub fn unpark(&self) {
        self.word.unpark();
    }
}

impl Default for Parker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Parker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parker").finish_non_exhaustive()
    }
}

impl fmt::Debug for Unparker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unparker").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;
