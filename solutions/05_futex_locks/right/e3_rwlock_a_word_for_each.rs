//! Right: the number of readers in one word and that of writers in another: then each
//! side has to look at the other in SeqCst.

#![allow(unsafe_code, reason = "a lock hands out references to plain memory")]

// --- edit from here ---

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use super::ground::Named as _;
use super::ground::atomic::{AtomicU32, Ordering::SeqCst};
use super::ground::cell::UnsafeCell;
use super::ground::futex;

/// A value, and a lock for it that readers share.
#[derive(Debug)]
pub struct RwLock<T> {
    /// How many read. The writer whose turn it is sleeps on it.
    readers: AtomicU32,
    /// Which writer's turn it is, if it is one's: all others sleep on it.
    writer: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached only through guards: through several that read it, or one
// that writes it.
unsafe impl<T: Send + Sync> Sync for RwLock<T> {}

/// The right to read the value. Gives it back when dropped.
#[derive(Debug)]
#[must_use = "the lock is given back when the guard is dropped"]
pub struct RwLockReadGuard<'a, T> {
    lock: &'a RwLock<T>,
}

/// The right to use the value. Gives it back when dropped.
#[derive(Debug)]
#[must_use = "the lock is given back when the guard is dropped"]
pub struct RwLockWriteGuard<'a, T> {
    lock: &'a RwLock<T>,
    /// Threads may share a guard only if they may share the value.
    borrow: PhantomData<&'a mut T>,
}

impl<T> RwLock<T> {
    /// A lock that is free.
    pub fn new(value: T) -> Self {
        Self {
            readers: AtomicU32::new(0).named("readers"),
            writer: AtomicU32::new(0).named("writer"),
            value: UnsafeCell::new(value).named("value"),
        }
    }

    /// Gets in to read, as soon as no writer is in or waits.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        loop {
            // ORDERING: SeqCst, here and below: a reader counts itself, and then looks for
            // a writer; a writer does the same the other way round in `write`.
            self.readers.fetch_add(1, SeqCst);
            // ORDERING: SeqCst, as above; pairs with the swap in `write`.
            if self.writer.load(SeqCst) == 0 {
                return RwLockReadGuard { lock: self };
            }
            self.leave();
            futex::wait(&self.writer, 1);
        }
    }

    /// Gets in to write, as soon as nobody is in.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        // ORDERING: SeqCst; pairs with the store in `drop`, and the load in `read`.
        while self.writer.swap(1, SeqCst) == 1 {
            futex::wait(&self.writer, 1);
        }
        loop {
            // ORDERING: SeqCst; pairs with the subtraction in `leave`.
            let readers = self.readers.load(SeqCst);
            if readers == 0 {
                break;
            }
            futex::wait(&self.readers, readers);
        }
        RwLockWriteGuard {
            lock: self,
            borrow: PhantomData,
        }
    }

    /// One reader less.
    fn leave(&self) {
        // ORDERING: SeqCst; pairs with the load in `write`.
        if self.readers.fetch_sub(1, SeqCst) == 1 {
            futex::wake_all(&self.readers);
        }
    }
}

impl<T> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.leave();
    }
}

impl<T> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        // ORDERING: SeqCst; pairs with the load in `read` and the swap in `write`.
        self.lock.writer.store(0, SeqCst);
        futex::wake_all(&self.lock.writer);
    }
}

impl<T> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: no writer is in as long as this guard lives.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: there is no other guard, and nobody writes through this one as long as
        // it is borrowed.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is no other guard, and this one is borrowed exclusively.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

// --- to here ---
