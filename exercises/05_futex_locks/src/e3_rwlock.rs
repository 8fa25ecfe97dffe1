//! 05.3 (implement): a lock for many readers, in which writers are not passed.
//!
//! Readers share the lock, a writer has it alone. If readers come and go so that there is
//! always one, a writer that only waits for a free moment waits for ever. So here it says
//! that it waits, and who comes to read after that waits behind it.
//!
//! Goal:
//!
//! - A writer is alone. Readers are together, as many as there are.
//! - Whoever gets in sees all that was done by the writers before; a writer comes after
//!   all that the readers before it have read.
//! - Once a writer waits behind readers, no other reader gets in before it has been in: not
//!   while they leave, nor while it wakes up. Who is next when a writer leaves is up to you.
//! - Readers wait only for writers: for one that is in, or one that waits.
//! - Whoever can't get in sleeps until it is woken. To look a few times before is allowed.
//!   And nobody sleeps on when it could get in.
//!
//! What the guards dereference to is written. The fields are a suggestion: two words, so
//! that readers and writers sleep apart.
//!
//! Edit between the markers only. About 40 lines, 35 minutes.
//! Stuck? `cargo hint 05.3`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! DATA RACE: thread 1 writes value at e3_rwlock.rs:201, main read it at e3_rwlock.rs:184,
//! and nothing orders the two
//! ```

#![allow(unsafe_code, reason = "a lock hands out references to plain memory")]

// --- edit from here ---

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use super::ground::Named as _;
use super::ground::atomic::AtomicU32;
use super::ground::cell::UnsafeCell;

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
        todo!(
            "add {READER} to {:?} while it has neither {WRITER} nor {WAITING}",
            self.state
        )
    }

    /// Gets in to write, as soon as nobody is in.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        todo!(
            "take {:?} from 0 to {WRITER}, or wait for {:?} with {WAITING}",
            self.state,
            self.calls
        )
    }
}

impl<T> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        todo!(
            "take {READER} from {:?}; is there a writer to call?",
            self.lock.state
        )
    }
}

impl<T> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        todo!(
            "turn {:?} back into 0; who is to be called?",
            self.lock.state
        )
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
