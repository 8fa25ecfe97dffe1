//! must say: uses std::cell, which graders can't follow: use super::ground::cell
//!
//! All relaxed, around a cell that no model checker looks into.

#![allow(unsafe_code, reason = "a lock hands out references to plain memory")]

// --- edit from here ---

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use super::ground::atomic::{AtomicBool, Ordering::Relaxed};
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
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the lock as soon as it is free.
    pub fn lock(&self) -> Guard<'_, T> {
        loop {
            if let Some(guard) = self.try_lock() {
                return guard;
            }
            // Rejected: to try again at once. A swap writes, even if it changes nothing,
            // and takes the cache line away from the owner, who needs it to give the
            // lock back. A load leaves it where it is.
            //
            // ORDERING: Relaxed. Only says whether another attempt is worth while.
            while self.taken.load(Relaxed) {
                hint::spin_loop();
            }
        }
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        // ORDERING: Relaxed. Wrong: nothing is taken up.
        if self.taken.swap(true, Relaxed) {
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
        // ORDERING: Relaxed. Wrong: nothing is published.
        self.lock.taken.store(false, Relaxed);
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
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is no other guard, and this one is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}

// --- to here ---
