//! Something that is done once, however many threads ask for it.
//!
//! | state | `call_once` | `call_once_force` | `wait` | `wait_force` |
//! |---|---|---|---|---|
//! | new | runs | runs | sleeps | sleeps |
//! | running | sleeps | sleeps | sleeps | sleeps |
//! | poisoned: it panicked | panics | runs | panics | sleeps |
//! | done | returns | returns | returns | returns |
//!
//! A mark beside the state says that somebody sleeps, so that the end of a run needs no
//! system call if nobody does.
//!
//! *Done* is zero, because that is what each later call compares with, and a comparison with
//! zero is the shortest. It stays zero: once done is done for good, and so all that a later
//! call does is one load.

use std::fmt;

use super::held::{self, How};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::{const_new, futex};

// ANCHOR: word
const DONE: u32 = 0;
const RUNNING: u32 = 1;
const POISONED: u32 = 2;
const NEW: u32 = 3;
/// Beside one of the states, other than `DONE`: somebody sleeps.
const ASLEEP: u32 = 4;

/// Lets one of those who call it run something, and the others wait until it has run; the
/// same as [`std::sync::Once`].
///
/// # Poisoning
/// If the one that runs panics, it has not been done, and half of it may have been. So from
/// then on [`call_once`](Self::call_once) panics too, rather than go on as if it had;
/// [`call_once_force`](Self::call_once_force) tries again.
///
/// # Example
/// ```
/// use std::thread;
/// use threadbare::sync::Once;
///
/// static GREETED: Once = Once::new();
///
/// thread::scope(|scope| {
///     for _ in 0..3 {
///         scope.spawn(|| GREETED.call_once(|| println!("hello, once")));
///     }
/// });
/// assert!(GREETED.is_completed());
/// ```
pub struct Once {
    word: AtomicU32,
}
// ANCHOR_END: word

/// Says to a run of [`Once::call_once_force`] what was before it.
#[derive(Debug)]
pub struct OnceState {
    poisoned: bool,
}

impl OnceState {
    /// Whether an earlier run panicked.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }
}

impl Once {
    const_new! {
        /// Makes one that has not been done.
        #[must_use]
        #[inline]
        #[allow(clippy::new_without_default, reason = "std's has none either")]
        pub fn new() -> Self {
            Self {
                word: AtomicU32::new(NEW),
            }
        }
    }

    /// Runs `f`, if this is the first call; waits for it to end, if it runs on another
    /// thread. When this returns, it has been done.
    ///
    /// # Panics
    /// If `f` does, or if an earlier run did. If `f` itself calls this: in a debug build; in
    /// a release build it waits for itself, for ever.
    /// # Blocking
    /// Sleeps while another thread runs.
    /// # Memory ordering
    /// All that the run did happens-before the return of every call.
    /// # Cost
    /// Once it is done: one load.
    // ANCHOR: call_once
    #[inline]
    #[track_caller]
    pub fn call_once<F: FnOnce()>(&self, f: F) {
        if !self.is_completed() {
            let mut f = Some(f);
            self.call(false, &mut |_| f.take().expect("runs once")());
        }
    }
    // ANCHOR_END: call_once

    /// As [`call_once`](Self::call_once), but if an earlier run panicked, this one runs. It
    /// is told so.
    ///
    /// ```
    /// use std::panic;
    /// use threadbare::sync::Once;
    ///
    /// static CONFIG: Once = Once::new();
    /// let failed = panic::catch_unwind(|| {
    ///     CONFIG.call_once(|| panic::resume_unwind(Box::new("no such file")));
    /// });
    /// assert!(failed.is_err() && !CONFIG.is_completed());
    /// CONFIG.call_once_force(|state| assert!(state.is_poisoned()));
    /// CONFIG.call_once(|| unreachable!("it has been done"));
    /// ```
    ///
    /// # Panics
    /// If `f` does.
    #[inline]
    #[track_caller]
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, f: F) {
        if !self.is_completed() {
            let mut f = Some(f);
            self.call(true, &mut |state| f.take().expect("runs once")(state));
        }
    }

    /// Whether it has been done.
    ///
    /// # Memory ordering
    /// If so, all that the run did happens-before this call's return.
    #[must_use]
    #[inline]
    pub fn is_completed(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `drop` of `Run`: it has been done.
        self.word.load(Acquire) == DONE
    }

    /// Waits until it has been done, by others.
    ///
    /// # Panics
    /// If a run panicked.
    /// # Blocking
    /// Sleeps until a run ends. If nobody ever calls [`call_once`](Self::call_once), for
    /// ever.
    #[track_caller]
    pub fn wait(&self) {
        if !self.is_completed() {
            self.wait_until_done(false);
        }
    }

    /// As [`wait`](Self::wait), but after a run that panicked it waits for one that does not.
    #[track_caller]
    pub fn wait_force(&self) {
        if !self.is_completed() {
            self.wait_until_done(true);
        }
    }

    // ANCHOR: call
    #[cold]
    #[track_caller]
    fn call(&self, force: bool, run: &mut dyn FnMut(&OnceState)) {
        loop {
            match self.begin(force) {
                Ok(before) => {
                    held::taken(self, How::Locked);
                    let mut end = Run {
                        once: self,
                        end: POISONED,
                    };
                    run(&OnceState {
                        poisoned: before == POISONED,
                    });
                    end.end = DONE;
                    return;
                }
                Err(DONE) => return,
                Err(word) if word & !ASLEEP == POISONED => refuse(),
                Err(word) => {
                    held::about_to_wait(self, How::Locked);
                    self.sleep(word);
                }
            }
        }
    }

    /// Makes the caller the one that runs, and says what it was before; or what it is, if
    /// there is nothing to run now.
    fn begin(&self, force: bool) -> Result<u32, u32> {
        loop {
            // ORDERING: Acquire pairs with the Release in `drop` of `Run`: if it has been done.
            let word = self.word.load(Acquire);
            let state = word & !ASLEEP;
            if state != NEW && !(force && state == POISONED) {
                return Err(word);
            }
            let running = RUNNING | (word & ASLEEP);
            // ORDERING: Acquire pairs with the Release in `drop` of `Run`: this run sees what
            // one that panicked has left. On failure Relaxed: it is looked at again.
            let begun = self.word.compare_exchange(word, running, Acquire, Relaxed);
            if begun.is_ok() {
                return Ok(state);
            }
        }
    }
    // ANCHOR_END: call

    #[cold]
    #[track_caller]
    fn wait_until_done(&self, force: bool) {
        while !self.is_completed() {
            let word = self.seen();
            if word & !ASLEEP == POISONED && !force {
                refuse();
            }
            held::about_to_wait(self, How::Locked);
            self.sleep(word);
        }
    }

    fn seen(&self) -> u32 {
        // ORDERING: Relaxed. Whether it has been done is seen elsewhere.
        self.word.load(Relaxed)
    }

    /// Sleeps while it is `word`, with a mark that says so.
    fn sleep(&self, word: u32) {
        if word == DONE {
            return;
        }
        let marked = word | ASLEEP;
        // ORDERING: Relaxed. The mark carries nothing, and neither does what is there in its
        // place: the caller looks again.
        let mark = self.word.compare_exchange(word, marked, Relaxed, Relaxed);
        if mark.is_ok() {
            futex::wait(&self.word, marked);
        }
    }

    /// Whether it has been done: without a look at what others do, for there are none.
    pub(super) fn is_completed_mut(&mut self) -> bool {
        *self.word.get_mut() == DONE
    }
}

/// A run, which also ends if it panics.
struct Run<'a> {
    once: &'a Once,
    /// What it is at the end.
    end: u32,
}

// ANCHOR: end
impl Drop for Run<'_> {
    fn drop(&mut self) {
        held::given_back(self.once, How::Locked);
        // ORDERING: Release. What was done is there for everybody who sees the end; pairs
        // with the Acquire in `is_completed` and `begin`.
        let before = self.once.word.swap(self.end, Release);
        if before & ASLEEP != 0 {
            futex::wake_all(&self.once.word);
        }
    }
}
// ANCHOR_END: end

#[cold]
#[track_caller]
fn refuse() -> ! {
    panic!("Once instance has previously been poisoned");
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;
