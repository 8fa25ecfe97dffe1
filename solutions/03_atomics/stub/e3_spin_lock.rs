//! 03.3 (implement): a spin lock, and the guard that gives it back.
//!
//! Whoever has a guard is alone with the value. When the guard is dropped, by a panic
//! too, the lock is free again.
//!
//! Goal:
//!
//! - Never two guards at once, and whoever gets one sees all that was done under the one
//!   before.
//! - `lock` goes round in a loop until it has the lock, and tells the processor so with
//!   `hint::spin_loop`, in each round.
//! - `try_lock` never goes round. It gives `None` if the lock is taken, and only then; and
//!   leaves the lock to whoever has it.
//! - `unlock` gives the lock back before the guard's block ends, and once.
//!
//! What the guard dereferences to is written. The fields are a suggestion.
//!
//! Edit between the markers only. About 12 lines, 15 minutes.
//! Stuck? `cargo hint 03.3`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! DATA RACE: thread 1 writes value at e3_spin_lock.rs:133, main wrote it at
//! e3_spin_lock.rs:133, and nothing orders the two
//! ```

#![allow(unsafe_code, reason = "a lock hands out references to plain memory")]

// --- edit from here ---

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use super::ground::Named as _;
use super::ground::atomic::AtomicBool;
use super::ground::cell::UnsafeCell;

/// A value, and a lock for it.
#[derive(Debug)]
pub struct SpinLock<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached only through a guard, and there is one guard at a time. So
// it is handed from thread to thread, and never used by two at once.
unsafe impl<T: Send> Sync for SpinLock<T> {}

/// The right to use the value. Gives the lock back when dropped.
#[derive(Debug)]
#[must_use = "the lock is given back when the guard is dropped"]
pub struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
    /// Threads may share a guard only if they may share the value.
    borrow: PhantomData<&'a mut T>,
}

impl<T> SpinLock<T> {
    /// A lock that is free.
    pub fn new(value: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value).named("value"),
        }
    }

    /// Takes the lock as soon as it is free.
    pub fn lock(&self) -> Guard<'_, T> {
        todo!(
            "wait until `taken`, now {:?}, is false; take it",
            self.taken
        )
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        todo!("if `taken`, now {:?}, is false, take it", self.taken)
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        todo!("turn `taken`, now {:?}, back into false", self.lock.taken)
    }
}

impl<T> Guard<'_, T> {
    /// Gives the lock back now.
    pub fn unlock(self) {
        todo!(
            "turn `taken`, now {:?}, back into false once",
            self.lock.taken
        )
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: there is no other guard, and nobody writes through this one as long as
        // it is borrowed.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is no other guard, and this one is borrowed exclusively.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

// --- to here ---
