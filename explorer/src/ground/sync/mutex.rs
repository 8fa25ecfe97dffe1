//! A mutex: the scheduler says who holds it.

#![allow(unsafe_code, reason = "a mutex is a promise about plain memory")]

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{self, LockResult, PoisonError, TryLockError, TryLockResult};

use super::Poison;
use crate::execution::{Lock, Mode, Site, is_active};
use crate::ground::{Named, thread};

/// [`std::sync::Mutex`].
pub struct Mutex<T: ?Sized> {
    pub(super) lock: Lock,
    /// What excludes others outside a model.
    real: sync::Mutex<()>,
    pub(super) poison: Poison,
    data: UnsafeCell<T>,
}

// SAFETY: whoever holds the lock has the data to itself, as with std's mutex, so it moves
// between threads and is never shared.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}
impl<T: ?Sized> UnwindSafe for Mutex<T> {}
impl<T: ?Sized> RefUnwindSafe for Mutex<T> {}

/// [`std::sync::MutexGuard`].
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized + 'a> {
    pub(super) mutex: &'a Mutex<T>,
    /// Outside a model, the real lock.
    pub(super) real: Option<sync::MutexGuard<'a, ()>>,
    panicking: bool,
    pub(super) site: Site,
}

// SAFETY: a shared guard gives out shared references only.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<T> Mutex<T> {
    /// As [`std::sync::Mutex::new`].
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self {
            lock: Lock::new(),
            real: sync::Mutex::new(()),
            poison: Poison::default(),
            data: UnsafeCell::new(value),
        }
    }

    /// As [`std::sync::Mutex::into_inner`].
    ///
    /// # Errors
    /// If it is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        let poisoned = self.poison.is_set();
        let value = self.data.into_inner();
        if poisoned {
            Err(PoisonError::new(value))
        } else {
            Ok(value)
        }
    }
}

impl<T: ?Sized> Mutex<T> {
    /// As [`std::sync::Mutex::lock`].
    ///
    /// # Errors
    /// If it is poisoned.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let site = Location::caller();
        let real = if is_active() {
            self.lock.acquire(Mode::Exclusive, site);
            None
        } else {
            Some(self.real.lock().unwrap_or_else(PoisonError::into_inner))
        };
        self.poison.wrap(self.guard(real, site))
    }

    /// As [`std::sync::Mutex::try_lock`].
    ///
    /// # Errors
    /// If it is held, or poisoned.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let site = Location::caller();
        let real = if is_active() {
            if !self.lock.try_acquire(Mode::Exclusive, site) {
                return Err(TryLockError::WouldBlock);
            }
            None
        } else {
            match self.real.try_lock() {
                Ok(guard) => Some(guard),
                Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
                Err(TryLockError::WouldBlock) => {
                    return Err(TryLockError::WouldBlock);
                }
            }
        };
        Ok(self.poison.wrap(self.guard(real, site))?)
    }

    /// A guard for a lock that has been taken.
    pub(super) fn guard<'a>(
        &'a self,
        real: Option<sync::MutexGuard<'a, ()>>,
        site: Site,
    ) -> MutexGuard<'a, T> {
        MutexGuard {
            mutex: self,
            real,
            panicking: thread::panicking(),
            site,
        }
    }

    /// As [`std::sync::Mutex::is_poisoned`].
    pub fn is_poisoned(&self) -> bool {
        self.poison.is_set()
    }

    /// As [`std::sync::Mutex::clear_poison`].
    pub fn clear_poison(&self) {
        self.poison.set(false);
    }

    /// As [`std::sync::Mutex::get_mut`].
    ///
    /// # Errors
    /// If it is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let poisoned = self.poison.is_set();
        let value = self.data.get_mut();
        if poisoned {
            Err(PoisonError::new(value))
        } else {
            Ok(value)
        }
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Takes a guard apart without giving the lock back.
    pub(super) fn into_parts(
        self,
    ) -> (&'a Mutex<T>, Option<sync::MutexGuard<'a, ()>>) {
        let mut guard = ManuallyDrop::new(self);
        (guard.mutex, guard.real.take())
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held, so nobody else has a reference.
        unsafe { &*self.mutex.data.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and this guard is borrowed exclusively.
        unsafe { &mut *self.mutex.data.get() }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.mutex.poison.leave(self.panicking);
        if self.real.is_none() && is_active() {
            self.mutex.lock.release(self.site);
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In a model this does not look: a message is no step of the program.
        let mut text = f.debug_struct("Mutex");
        match self.real.try_lock() {
            Ok(_guard) if !is_active() => {
                // SAFETY: the real lock is held, so nobody else has a reference.
                text.field("data", &unsafe { &*self.data.get() });
            }
            _ => {
                text.field("data", &format_args!("<locked>"));
            }
        }
        text.field("poisoned", &self.is_poisoned());
        text.finish_non_exhaustive()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> Named for Mutex<T> {
    fn named(self, name: &'static str) -> Self {
        self.lock.set_name(name);
        self
    }
}
