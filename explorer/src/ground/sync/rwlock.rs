//! A lock for one writer or many readers.

#![allow(unsafe_code, reason = "a lock is a promise about plain memory")]

use std::cell::UnsafeCell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::{self, LockResult, PoisonError, TryLockError, TryLockResult};

use super::Poison;
use crate::execution::{Lock, Mode, Site, is_active};
use crate::ground::{Named, thread};

/// [`std::sync::RwLock`].
pub struct RwLock<T: ?Sized> {
    lock: Lock,
    /// What excludes others outside a model.
    real: sync::RwLock<()>,
    poison: Poison,
    data: UnsafeCell<T>,
}

// SAFETY: as with std's lock: a writer has the data to itself, readers share it.
unsafe impl<T: ?Sized + Send> Send for RwLock<T> {}
// SAFETY: as above; readers on several threads share the data, so it must be `Sync`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}
impl<T: ?Sized> UnwindSafe for RwLock<T> {}
impl<T: ?Sized> RefUnwindSafe for RwLock<T> {}

/// [`std::sync::RwLockReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized + 'a> {
    lock: &'a RwLock<T>,
    real: Option<sync::RwLockReadGuard<'a, ()>>,
    site: Site,
}

/// [`std::sync::RwLockWriteGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized + 'a> {
    lock: &'a RwLock<T>,
    real: Option<sync::RwLockWriteGuard<'a, ()>>,
    panicking: bool,
    site: Site,
}

// SAFETY: a shared guard gives out shared references only.
unsafe impl<T: ?Sized + Sync> Sync for RwLockReadGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for RwLockWriteGuard<'_, T> {}

impl<T> RwLock<T> {
    /// As [`std::sync::RwLock::new`].
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self {
            lock: Lock::new(),
            real: sync::RwLock::new(()),
            poison: Poison::default(),
            data: UnsafeCell::new(value),
        }
    }

    /// As [`std::sync::RwLock::into_inner`].
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

/// What std's `try_read` and `try_write` return, without the poison: ours is kept apart.
fn without_poison<G>(result: TryLockResult<G>) -> Option<G> {
    match result {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

impl<T: ?Sized> RwLock<T> {
    /// As [`std::sync::RwLock::read`].
    ///
    /// # Errors
    /// If it is poisoned.
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let site = Location::caller();
        let real = if is_active() {
            self.lock.acquire(Mode::Shared, site);
            None
        } else {
            Some(self.real.read().unwrap_or_else(PoisonError::into_inner))
        };
        let lock = self;
        self.poison.wrap(RwLockReadGuard { lock, real, site })
    }

    /// As [`std::sync::RwLock::write`].
    ///
    /// # Errors
    /// If it is poisoned.
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let site = Location::caller();
        let real = if is_active() {
            self.lock.acquire(Mode::Exclusive, site);
            None
        } else {
            Some(self.real.write().unwrap_or_else(PoisonError::into_inner))
        };
        self.poison.wrap(self.write_guard(real, site))
    }

    /// As [`std::sync::RwLock::try_read`].
    ///
    /// # Errors
    /// If a writer holds it, or it is poisoned.
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        let site = Location::caller();
        let real = if is_active() {
            if !self.lock.try_acquire(Mode::Shared, site) {
                return Err(TryLockError::WouldBlock);
            }
            None
        } else {
            let real = without_poison(self.real.try_read());
            Some(real.ok_or(TryLockError::WouldBlock)?)
        };
        let lock = self;
        Ok(self.poison.wrap(RwLockReadGuard { lock, real, site })?)
    }

    /// As [`std::sync::RwLock::try_write`].
    ///
    /// # Errors
    /// If anybody holds it, or it is poisoned.
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        let site = Location::caller();
        let real = if is_active() {
            if !self.lock.try_acquire(Mode::Exclusive, site) {
                return Err(TryLockError::WouldBlock);
            }
            None
        } else {
            let real = without_poison(self.real.try_write());
            Some(real.ok_or(TryLockError::WouldBlock)?)
        };
        Ok(self.poison.wrap(self.write_guard(real, site))?)
    }

    fn write_guard<'a>(
        &'a self,
        real: Option<sync::RwLockWriteGuard<'a, ()>>,
        site: Site,
    ) -> RwLockWriteGuard<'a, T> {
        RwLockWriteGuard {
            lock: self,
            real,
            panicking: thread::panicking(),
            site,
        }
    }

    /// As [`std::sync::RwLock::is_poisoned`].
    pub fn is_poisoned(&self) -> bool {
        self.poison.is_set()
    }

    /// As [`std::sync::RwLock::clear_poison`].
    pub fn clear_poison(&self) {
        self.poison.set(false);
    }

    /// As [`std::sync::RwLock::get_mut`].
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

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held shared, so nobody writes.
        unsafe { &*self.lock.data.get() }
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held exclusively, so nobody else has a reference.
        unsafe { &*self.lock.data.get() }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and this guard is borrowed exclusively.
        unsafe { &mut *self.lock.data.get() }
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        if self.real.is_none() && is_active() {
            self.lock.lock.release(self.site);
        }
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.poison.leave(self.panicking);
        if self.real.is_none() && is_active() {
            self.lock.lock.release(self.site);
        }
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwLock")
            .field("poisoned", &self.is_poisoned())
            .finish_non_exhaustive()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> Named for RwLock<T> {
    fn named(self, name: &'static str) -> Self {
        self.lock.set_name(name);
        self
    }
}
