//! No reader passes a writer that waits; and the kernel is asked only if somebody sleeps.
//!
//! `raw` holds the words and how they change, with the reasons why that is right;
//! `guards` what those who are in hold; and this file the type around both.
#![allow(unsafe_code, reason = "the value under a lock lives in a cell")]

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

use crate::ground::cell::UnsafeCell;
use crate::ground::const_new;
use crate::sync::poison;

mod guards;
mod raw;

pub use guards::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};

use raw::Raw;

/// A lock that many may have at once to read, or one alone to write. Writers go first.
///
/// Its methods are those of [`std::sync::RwLock`]. What std leaves open is settled here:
///
/// - *Who goes first:* a writer. Once it waits, readers that come wait too, also those that
///   could join others who are in. So readers wait for as long as writers keep coming:
///   where these are many, a [`Mutex`](crate::sync::Mutex) does better.
/// - *The same thread twice:* to read and read again works as long as no writer waits, and
///   is a deadlock if one does. Any other way is a deadlock always. In debug builds
///   a thread that would wait for itself panics instead, and names both places.
/// - *Too many readers:* 2^29 - 1 is the limit; who would be one more panics, or with
///   [`try_read`](Self::try_read) is refused.
///
/// # Poisoning
/// As in std: a panic while somebody *writes* poisons the lock; readers change nothing.
///
/// # Example
/// ```
/// use std::thread;
/// use threadbare::sync::RwLock;
///
/// static ROUTES: RwLock<Vec<&str>> = RwLock::new(Vec::new());
///
/// thread::scope(|scope| {
///     scope.spawn(|| ROUTES.write().unwrap().push("/"));
///     for _ in 0..3 {
///         scope.spawn(|| assert!(ROUTES.read().unwrap().len() <= 1));
///     }
/// });
/// assert_eq!(*ROUTES.read().unwrap(), ["/"]);
/// ```
///
/// Readers on several threads have the value at once, so it must be `Sync`:
///
/// ```compile_fail,E0277
/// # use {std::cell::Cell, threadbare::sync::RwLock};
/// let lock = RwLock::new(Cell::new(1));
/// std::thread::scope(|scope| {
///     scope.spawn(|| lock.read().unwrap().set(2));
/// });
/// ```
pub struct RwLock<T: ?Sized> {
    raw: Raw,
    poison: poison::Flag,
    /// INVARIANT: written only by who has taken `raw` to write, read by who has taken it at
    /// all, until it gives it back.
    value: UnsafeCell<T>,
}

// SAFETY: a lock owns its value, as a box does. Whoever has the lock may take the value out.
unsafe impl<T: ?Sized + Send> Send for RwLock<T> {}

// SAFETY: the lock gives `&T` to several threads at once, so `T: Sync`, and `&mut T` to one
// that may take the value out, so `T: Send`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

// What a panic leaves half done is told by poison.
impl<T: ?Sized> UnwindSafe for RwLock<T> {}
impl<T: ?Sized> RefUnwindSafe for RwLock<T> {}

impl<T> RwLock<T> {
    const_new! {
        /// Makes a lock that is free.
        ///
        /// ```
        /// use threadbare::sync::RwLock;
        ///
        /// static LIMIT: RwLock<u32> = RwLock::new(100);
        /// ```
        pub fn new(value: T) -> Self {
            Self {
                raw: Raw::new(),
                poison: poison::Flag::new(),
                value: UnsafeCell::new(value),
            }
        }
    }

    /// Takes the value out: nobody else has the lock.
    ///
    /// # Errors
    /// The value all the same, if the lock is poisoned.
    ///
    /// ```
    /// # use threadbare::sync::RwLock;
    /// assert_eq!(RwLock::new(5).into_inner().unwrap(), 5);
    /// ```
    pub fn into_inner(self) -> LockResult<T> {
        self.poison.check(self.value.into_inner())
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Takes the lock to read, together with others.
    ///
    /// # Errors
    /// With the guard inside, if the lock is poisoned: the lock is taken.
    /// # Panics
    /// If there are 2^29 - 1 readers. In debug builds, if this thread has the lock already
    /// and would wait for itself.
    /// # Blocking
    /// Waits while a writer is in or waits: looks a few times, and then sleeps. Readers that
    /// sleep are woken together, when a writer leaves and no other waits.
    /// # Memory ordering
    /// Everything that writers did before happens-before this call's return.
    /// # Cost
    /// Nobody writes: one compare-exchange, and one more for each time that another reader
    /// was quicker; no system call.
    ///
    /// ```
    /// # use threadbare::sync::RwLock;
    /// let lock = RwLock::new(5);
    /// let (one, other) = (lock.read().unwrap(), lock.read().unwrap());
    /// assert_eq!(*one + *other, 10);
    /// ```
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        self.raw.read();
        self.poison.check(RwLockReadGuard::new(self))
    }

    /// Takes the lock to read if no writer is in or waits.
    ///
    /// # Errors
    /// [`TryLockError::WouldBlock`], also if there are 2^29 - 1 readers, and
    /// [`TryLockError::Poisoned`] with the guard inside.
    /// # Memory ordering
    /// With a guard, as for [`read`](Self::read); without one, none.
    /// # Cost
    /// As `read`. It never waits.
    ///
    /// ```
    /// # use threadbare::sync::RwLock;
    /// let lock = RwLock::new(5);
    /// let writer = lock.write().unwrap();
    /// assert!(lock.try_read().is_err());
    /// # drop(writer);
    /// ```
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        if !self.raw.try_read() {
            return Err(TryLockError::WouldBlock);
        }
        Ok(self.poison.check(RwLockReadGuard::new(self))?)
    }

    /// Takes the lock to write, alone.
    ///
    /// # Errors
    /// With the guard inside, if the lock is poisoned: the lock is taken.
    /// # Panics
    /// In debug builds, if this thread has the lock already, in whichever way.
    /// # Blocking
    /// Waits while anybody is in: looks a few times, and then sleeps. From then on no reader
    /// gets in before it. Writers are not put in order: one that comes as the lock
    /// comes free may get it before one that is on its way from its sleep.
    /// # Memory ordering
    /// Everything that readers and writers did before happens-before this call's return.
    /// # Cost
    /// Free: one compare-exchange; no system call.
    ///
    /// ```
    /// # use threadbare::sync::RwLock;
    /// let lock = RwLock::new(5);
    /// *lock.write().unwrap() += 1;
    /// assert_eq!(*lock.read().unwrap(), 6);
    /// ```
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        self.raw.write();
        self.poison.check(RwLockWriteGuard::new(self))
    }

    /// Takes the lock to write if nobody is in.
    ///
    /// # Errors
    /// [`TryLockError::WouldBlock`], and [`TryLockError::Poisoned`] with the guard inside.
    /// # Memory ordering
    /// With a guard, as for [`write`](Self::write); without one, none.
    /// # Cost
    /// As `write`. It never waits.
    ///
    /// ```
    /// # use threadbare::sync::RwLock;
    /// let lock = RwLock::new(5);
    /// let reader = lock.read().unwrap();
    /// assert!(lock.try_write().is_err());
    /// # drop(reader);
    /// ```
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        if !self.raw.try_write() {
            return Err(TryLockError::WouldBlock);
        }
        Ok(self.poison.check(RwLockWriteGuard::new(self))?)
    }

    /// Whether a writer has panicked. Another thread may change that at any time.
    ///
    /// ```
    /// # use {std::panic, threadbare::sync::RwLock};
    /// let lock = RwLock::new(5);
    /// let _ = panic::catch_unwind(|| {
    ///     let _writer = lock.write();
    ///     panic::resume_unwind(Box::new("planned"));
    /// });
    /// assert!(lock.is_poisoned());
    /// *lock.write().unwrap_or_else(|error| error.into_inner()) = 7; // made whole
    /// lock.clear_poison();
    /// assert_eq!(*lock.read().unwrap(), 7);
    /// ```
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.poison.get()
    }

    /// Says that the value is whole again, so that the lock is no longer poisoned. See
    /// [`is_poisoned`](Self::is_poisoned) for an example.
    #[inline]
    pub fn clear_poison(&self) {
        self.poison.clear();
    }

    /// The value, through the exclusive borrow of the lock: without waiting.
    ///
    /// # Errors
    /// The value all the same, if the lock is poisoned.
    ///
    /// ```
    /// # use threadbare::sync::RwLock;
    /// let mut lock = RwLock::new(5);
    /// *lock.get_mut().unwrap() += 1;
    /// assert_eq!(*lock.read().unwrap(), 6);
    /// ```
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.poison.check(self.value.get_mut())
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    /// As [`new`](RwLock::new).
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = f.debug_struct("RwLock");
        match self.try_read().map_err(poisoned) {
            Ok(guard) | Err(Some(guard)) => told.field("data", &&*guard),
            Err(None) => told.field("data", &format_args!("<locked>")),
        };
        told.field("poisoned", &self.is_poisoned());
        told.finish_non_exhaustive()
    }
}

/// The guard, if that is what is in the error.
fn poisoned<G>(error: TryLockError<G>) -> Option<G> {
    match error {
        TryLockError::Poisoned(error) => Some(PoisonError::into_inner(error)),
        TryLockError::WouldBlock => None,
    }
}
