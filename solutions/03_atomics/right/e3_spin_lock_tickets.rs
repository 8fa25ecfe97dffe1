//! Right: takes its turn by number, so that who came first is served first.

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
use super::ground::hint;

/// A value, and a lock for it.
#[derive(Debug)]
pub struct SpinLock<T> {
    /// The next number, and the one that is served.
    next: AtomicU32,
    served: AtomicU32,
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
            next: AtomicU32::new(0),
            served: AtomicU32::new(0),
            value: UnsafeCell::new(value).named("value"),
        }
    }

    /// Takes the lock as soon as it is free.
    pub fn lock(&self) -> Guard<'_, T> {
        // ORDERING: Relaxed. A number hands over nothing.
        let mine = self.next.fetch_add(1, Relaxed);
        // ORDERING: Acquire; pairs with the Release addition in `drop`.
        while self.served.load(Acquire) != mine {
            hint::spin_loop();
        }
        Guard {
            lock: self,
            borrow: PhantomData,
        }
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        // ORDERING: Acquire; pairs with the Release addition in `drop`.
        let served = self.served.load(Acquire);
        // ORDERING: Relaxed. A number hands over nothing.
        self.next
            .compare_exchange(served, served + 1, Relaxed, Relaxed)
            .is_ok()
            .then(|| Guard {
                lock: self,
                borrow: PhantomData,
            })
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // ORDERING: Release; pairs with the Acquire loads in `lock` and `try_lock`.
        self.lock.served.fetch_add(1, Release);
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
