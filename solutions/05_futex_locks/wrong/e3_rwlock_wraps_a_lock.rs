//! the model must say: is somebody else's lock or queue
//!
//! A lock made of another one.

#![allow(unsafe_code, reason = "a lock hands out references to plain memory")]

// --- edit from here ---

use super::ground::sync::{self, PoisonError};

/// A value, and a lock for it that readers share.
#[derive(Debug)]
pub struct RwLock<T>(sync::RwLock<T>);

/// The right to read the value.
pub type RwLockReadGuard<'a, T> = sync::RwLockReadGuard<'a, T>;

/// The right to use the value.
pub type RwLockWriteGuard<'a, T> = sync::RwLockWriteGuard<'a, T>;

impl<T> RwLock<T> {
    /// A lock that is free.
    pub fn new(value: T) -> Self {
        Self(sync::RwLock::new(value))
    }

    /// Gets in to read.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gets in to write.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

// --- to here ---
