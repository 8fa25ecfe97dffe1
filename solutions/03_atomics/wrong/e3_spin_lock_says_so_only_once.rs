//! must say: and says nothing: with hint::spin_loop()
//!
//! Says that it waits before it knows, and never again.

#![allow(unsafe_code, reason = "a lock hands out references to plain memory")]

// --- edit from here ---

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use super::ground::cell::UnsafeCell;
use super::ground::hint;

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
        hint::spin_loop();
        loop {
            if let Some(guard) = self.try_lock() {
                return guard;
            }
        }
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        // ORDERING: Acquire takes up what was done under the guard before; pairs with the
        // Release store in `drop`.
        if self.taken.swap(true, Acquire) {
            return None;
        }
        // Made only here, where the lock is ours: to drop a guard gives the lock back,
        // whoever has it.
        Some(Guard {
            lock: self,
            borrow: PhantomData,
        })
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // ORDERING: Release publishes what was done under this guard; pairs with the
        // Acquire swap in `try_lock`.
        self.lock.taken.store(false, Release);
    }
}

impl<T> Guard<'_, T> {
    /// Gives the lock back now.
    pub fn unlock(self) {
        // The guard ends here, and its `drop` does it. A store of our own would be a
        // second one, and by then the lock may be somebody else's.
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
