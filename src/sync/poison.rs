//! What a panic under a lock leaves behind: a mark, so that whoever comes next is told.
//!
//! A thread that panics while it holds a lock may have stopped between two lines that
//! belong together. The lock itself is in order: the guard was dropped, and the next one
//! may have it. What it guards may not be. So std's locks keep a flag beside the word, and
//! [`lock`](super::Mutex::lock) returns an error as long as it is set, with the guard
//! inside: look at the value, set it right, and go on. These locks do the same, with
//! std's own [`PoisonError`], so that what is written for std compiles with them.
//!
//! The price is a byte for each lock, and two looks at the count of panics: one when the
//! lock is taken, and one when it is given back. (Who locks *during* a panic, in a
//! destructor, does not poison: the panic began outside.)

use std::sync::{LockResult, PoisonError};

use crate::ground::atomic::{AtomicBool, Ordering::Relaxed};
use crate::ground::{const_new, thread};

/// Whether a thread has panicked under the lock that this belongs to.
#[derive(Debug)]
pub(super) struct Flag(AtomicBool);

/// Whether the thread was panicking already when it took the lock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before(bool);

impl Flag {
    const_new! {
        /// Not poisoned.
        pub(super) fn new() -> Self {
            Self(AtomicBool::new(false))
        }
    }

    #[inline]
    pub(super) fn get(&self) -> bool {
        // ORDERING: Relaxed. Who has the lock sees what was stored under it, in `leave`,
        // since the lock orders the two; who has not must expect an old answer.
        self.0.load(Relaxed)
    }

    #[inline]
    pub(super) fn clear(&self) {
        // ORDERING: Relaxed. As the load in `get`.
        self.0.store(false, Relaxed);
    }

    // ANCHOR: panicked
    /// For who has just taken the lock to write: what [`leave`](Self::leave) is to be told.
    #[inline]
    pub(super) fn enter(&self) -> Before {
        Before(thread::panicking())
    }

    /// For who is about to give the lock back.
    #[inline]
    pub(super) fn leave(&self, before: Before) {
        if !before.0 && thread::panicking() {
            self.set();
        }
    }

    #[cold]
    fn set(&self) {
        // ORDERING: Relaxed. Who takes the lock next sees it in `get`: the lock orders them.
        self.0.store(true, Relaxed);
    }
    // ANCHOR_END: panicked

    /// `it`, in a [`PoisonError`] if this is set.
    #[inline]
    pub(super) fn check<T>(&self, it: T) -> LockResult<T> {
        if self.get() {
            Err(PoisonError::new(it))
        } else {
            Ok(it)
        }
    }
}
