//! Given for 05.2: a mutex whose guard says which one it is a guard of, as a condition
//! variable has to know.

use std::ops::{Deref, DerefMut};

use super::super::ground::Named as _;
use super::super::ground::sync::{self, PoisonError};

/// A value, and a lock for it.
#[derive(Debug)]
pub struct Mutex<T>(sync::Mutex<T>);

/// The right to use the value. Gives the lock back when dropped.
#[derive(Debug)]
#[must_use = "the lock is given back when the guard is dropped"]
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    guard: sync::MutexGuard<'a, T>,
}

impl<T> Mutex<T> {
    /// A mutex that is free.
    pub fn new(value: T) -> Self {
        Self(sync::Mutex::new(value).named("mutex"))
    }

    /// Takes the lock as soon as it is free.
    #[track_caller]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard {
            mutex: self,
            guard: self.0.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl<'a, T> MutexGuard<'a, T> {
    /// The mutex of a guard. A function, and no method: `MutexGuard::mutex(&guard)`.
    pub fn mutex(guard: &Self) -> &'a Mutex<T> {
        guard.mutex
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}
