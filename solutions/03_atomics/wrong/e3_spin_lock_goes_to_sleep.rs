//! must say: a thread that waits for the lock sleeps
//!
//! A lock, but none that spins.

#![allow(unsafe_code, reason = "a lock hands out references to plain memory")]

// --- edit from here ---

use std::ops::{Deref, DerefMut};

use super::ground::sync::{Mutex, MutexGuard};

/// A value, and a lock for it.
#[derive(Debug)]
pub struct SpinLock<T> {
    value: Mutex<T>,
}

/// The right to use the value. Gives the lock back when dropped.
#[derive(Debug)]
#[must_use = "the lock is given back when the guard is dropped"]
pub struct Guard<'a, T>(MutexGuard<'a, T>);

impl<T> SpinLock<T> {
    /// A lock that is free.
    pub fn new(value: T) -> Self {
        Self {
            value: Mutex::new(value),
        }
    }

    /// Takes the lock as soon as it is free.
    pub fn lock(&self) -> Guard<'_, T> {
        let guard = self.value.lock();
        Guard(guard.unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        self.value.try_lock().ok().map(Guard)
    }
}

impl<T> Guard<'_, T> {
    /// Gives the lock back now.
    pub fn unlock(self) {}
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

// --- to here ---
