//! the model must say: nobody is left to wake anybody
//!
//! A writer looks who is in, and then at the number that it waits with.

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

/// A writer is in.
const WRITER: u32 = 1;
/// A writer waits.
const WAITING: u32 = 2;
/// One reader; two of them are twice as much.
const READER: u32 = 4;

/// A value, and a lock for it that readers share.
#[derive(Debug)]
pub struct RwLock<T> {
    /// Who is in, and whether a writer waits. Readers sleep on it.
    state: AtomicU32,
    /// Goes up each time a writer is called. Writers sleep on it.
    calls: AtomicU32,
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
            state: AtomicU32::new(0).named("state"),
            calls: AtomicU32::new(0).named("calls"),
            value: UnsafeCell::new(value).named("value"),
        }
    }

    /// Gets in to read, as soon as no writer is in or waits.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        // ORDERING: Relaxed. The exchange below is what counts.
        let mut seen = self.state.load(Relaxed);
        loop {
            if seen & (WRITER | WAITING) != 0 {
                // Rejected: to get in if only WAITING is there. That is the lock in which
                // a writer waits for ever, if readers come often enough.
                futex::wait(&self.state, seen);
                // ORDERING: Relaxed, as above.
                seen = self.state.load(Relaxed);
                continue;
            }
            // ORDERING: Acquire takes up what the writer before has done; pairs with the
            // Release store in the writer's `drop`.
            match self
                .state
                .compare_exchange(seen, seen + READER, Acquire, Relaxed)
            {
                Ok(_) => return RwLockReadGuard { lock: self },
                Err(now) => seen = now,
            }
        }
    }

    /// Gets in to write, as soon as nobody is in.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        let mut taken = self.take(0);
        while !taken {
            // ORDERING: Relaxed. A mark, and no more.
            let seen = self.state.fetch_or(WAITING, Relaxed);
            if seen & !WAITING == 0 {
                taken = self.take(WAITING);
            } else {
                // ORDERING: Acquire; pairs with the addition in `call_a_writer`.
                let calls = self.calls.load(Acquire);
                futex::wait(&self.calls, calls);
            }
        }
        RwLockWriteGuard {
            lock: self,
            borrow: PhantomData,
        }
    }

    /// Takes the lock if nobody is in.
    fn take(&self, free: u32) -> bool {
        // ORDERING: Acquire takes up what those before have done, readers too; pairs with
        // the Release in both `drop`s. Takes the mark away: whoever else waits to write
        // sets it again when it is woken.
        self.state
            .compare_exchange(free, WRITER, Acquire, Relaxed)
            .is_ok()
    }

    /// Wakes a writer, or keeps one from going to sleep.
    fn call_a_writer(&self) {
        // ORDERING: Release. After `state` has changed; pairs with the load in `write`.
        self.calls.fetch_add(1, Release);
        futex::wake_one(&self.calls);
    }
}

impl<T> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        // ORDERING: Release: what was read here is read before the next writer writes;
        // pairs with the Acquire in `write`.
        let before = self.lock.state.fetch_sub(READER, Release);
        // The last reader, and a writer waits.
        if before == READER | WAITING {
            self.lock.call_a_writer();
        }
    }
}

impl<T> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        // ORDERING: Release publishes what was written; pairs with the Acquire in `read`
        // and `write`.
        self.lock.state.store(0, Release);
        // It is not known who waits.
        self.lock.call_a_writer();
        futex::wake_all(&self.lock.state);
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
