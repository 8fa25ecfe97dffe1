//! 05.1 (implement): a mutex that asks the kernel only if it has to.
//!
//! A lock that sleeps must be woken, and to wake is a system call. This one knows whether
//! anybody sleeps: its word is `FREE`, `LOCKED`, or `CONTENDED`, which is locked
//! while somebody may be asleep.
//!
//! Goal:
//!
//! - Never two guards at once, and whoever gets one sees all that was done under the one
//!   before.
//! - Whoever can't have the lock sleeps on the word until it is woken. To look a few times
//!   before is allowed.
//! - Nobody sleeps on beside a lock that is free.
//! - As long as nobody waits, neither `lock` nor the end of a guard calls `futex`, whoever
//!   has waited or tried before. One call too many behind the last who waited is all right.
//! - `try_lock` never waits. It gives `None` if the lock is taken, and only then; and
//!   leaves the lock to those who have it and to those who wait for it.
//!
//! What the guard dereferences to is written. The fields are a suggestion. The kernel is
//! called by `super::ground::futex`, which the graders see, too.
//!
//! Edit between the markers only. About 20 lines, 20 minutes.
//! Stuck? `cargo hint 05.1`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! LOST WAKE-UP: thread 2 sleeps at e1_three_state_mutex.rs:89, in wait(word == 2), but
//! word is 0; nobody is left to wake anybody
//! ```

#![allow(unsafe_code, reason = "a lock hands out references to plain memory")]

// --- edit from here ---

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use super::ground::Named as _;
use super::ground::atomic::AtomicU32;
use super::ground::cell::UnsafeCell;

const FREE: u32 = 0;
/// Nobody else wants it.
const LOCKED: u32 = 1;
/// Somebody may be asleep.
const CONTENDED: u32 = 2;

/// A value, and a lock for it.
#[derive(Debug)]
pub struct Mutex<T> {
    word: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached only through a guard, and there is one guard at a time. So
// it is handed from thread to thread, and never used by two at once.
unsafe impl<T: Send> Sync for Mutex<T> {}

/// The right to use the value. Gives the lock back when dropped.
#[derive(Debug)]
#[must_use = "the lock is given back when the guard is dropped"]
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// Threads may share a guard only if they may share the value.
    borrow: PhantomData<&'a mut T>,
}

impl<T> Mutex<T> {
    /// A mutex that is free.
    pub fn new(value: T) -> Self {
        Self {
            word: AtomicU32::new(FREE).named("word"),
            value: UnsafeCell::new(value).named("value"),
        }
    }

    /// Takes the lock as soon as it is free.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        todo!(
            "take `word`, now {:?}, from {FREE} to {LOCKED}, or wait with {CONTENDED}",
            self.word
        )
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        todo!("take `word`, now {:?}, from {FREE} to {LOCKED}", self.word)
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        todo!(
            "turn `word`, now {:?}, back into {FREE}; wake one if it was {CONTENDED}",
            self.mutex.word
        )
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: there is no other guard, and nobody writes through this one as long as
        // it is borrowed.
        self.mutex.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is no other guard, and this one is borrowed exclusively.
        self.mutex.value.with_mut(|value| unsafe { &mut *value })
    }
}

// --- to here ---
