//! the model must say: is somebody else's lock or queue
//!
//! A lock made of another one.

#![allow(unsafe_code, reason = "a lock hands out references to plain memory")]

// --- edit from here ---

use super::ground::sync;

/// A value, and a lock for it.
#[derive(Debug)]
pub struct Mutex<T>(sync::Mutex<T>);

/// The right to use the value.
pub type MutexGuard<'a, T> = sync::MutexGuard<'a, T>;

impl<T> Mutex<T> {
    /// A mutex that is free.
    pub fn new(value: T) -> Self {
        Self(sync::Mutex::new(value))
    }

    /// Takes the lock as soon as it is free.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(sync::PoisonError::into_inner)
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Err(sync::TryLockError::Poisoned(error)) => Some(error.into_inner()),
            tried => tried.ok(),
        }
    }
}

// --- to here ---
