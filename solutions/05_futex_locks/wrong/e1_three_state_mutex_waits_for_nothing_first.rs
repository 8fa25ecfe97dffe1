//! the model must say: futex::wait is called
//!
//! Asks the kernel first, which says that it is free.

#![allow(unsafe_code, reason = "a lock hands out references to plain memory")]

// --- edit from here ---

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use super::ground::cell::UnsafeCell;
use super::ground::futex;

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
        futex::wait(&self.word, CONTENDED);
        if let Some(guard) = self.try_lock() {
            return guard;
        }
        // ORDERING: Acquire takes up what was done under the guard before; pairs with the
        // Release swap in `drop`.
        while self.word.swap(CONTENDED, Acquire) != FREE {
            // Returns at once if the lock has been given back since.
            futex::wait(&self.word, CONTENDED);
        }
        // Rejected: to take it as LOCKED after a sleep. Another thread may still be asleep,
        // and nobody would wake that one. So this one unlocks with a call to the kernel,
        // which may be one for nothing.
        self.guard()
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        // ORDERING: Acquire takes up what was done under the guard before; pairs with the
        // Release swap in `drop`. Relaxed if it fails: then nothing is read.
        let taken = self
            .word
            .compare_exchange(FREE, LOCKED, Acquire, Relaxed)
            .is_ok();
        // Made only where the lock is ours: to drop a guard gives the lock back, whoever
        // has it.
        taken.then(|| self.guard())
    }

    /// For whoever has just taken the lock.
    fn guard(&self) -> MutexGuard<'_, T> {
        MutexGuard {
            mutex: self,
            borrow: PhantomData,
        }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        // ORDERING: Release publishes what was done under this guard; pairs with the
        // Acquire in `lock` and `try_lock`.
        if self.mutex.word.swap(FREE, Release) == CONTENDED {
            futex::wake_one(&self.mutex.word);
        }
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
