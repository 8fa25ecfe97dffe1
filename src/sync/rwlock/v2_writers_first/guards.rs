//! What those hold who are in: to read or to write, the value or a part of it.

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::{Raw, RwLock};
use crate::sync::poison::{Before, Flag};

/// A share in the value of a [`RwLock`], given back when this is dropped.
///
/// It stays on its thread: a lock is given back by whoever took it.
///
/// ```compile_fail,E0277
/// # use threadbare::sync::RwLock;
/// static LOCK: RwLock<u32> = RwLock::new(0);
/// let guard = LOCK.read().unwrap();
/// std::thread::spawn(move || drop(guard));
/// ```
#[must_use = "the lock is given back as soon as its guard is dropped"]
#[clippy::has_significant_drop]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    /// A raw pointer is neither `Send` nor `Sync`.
    stays: PhantomData<*const ()>,
}

/// The value of a [`RwLock`] for one alone, given back when this is dropped.
///
/// It stays on its thread: a lock is given back by whoever took it.
///
/// ```compile_fail,E0277
/// # use threadbare::sync::RwLock;
/// static LOCK: RwLock<u32> = RwLock::new(0);
/// let guard = LOCK.write().unwrap();
/// std::thread::spawn(move || drop(guard));
/// ```
#[must_use = "the lock is given back as soon as its guard is dropped"]
#[clippy::has_significant_drop]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    before: Before,
    /// A raw pointer is neither `Send` nor `Sync`.
    stays: PhantomData<*const ()>,
}

/// A share in a part of the value of a [`RwLock`]: what [`RwLockReadGuard::map`] makes.
#[must_use = "the lock is given back as soon as its guard is dropped"]
#[clippy::has_significant_drop]
pub struct MappedRwLockReadGuard<'a, T: ?Sized> {
    raw: &'a Raw,
    /// INVARIANT: a part of the value that `raw` guards, good for reading until this guard
    /// is dropped. Not a reference: that would have to stay good a little longer, until
    /// the call has returned that drops it.
    part: NonNull<T>,
}

/// A part of the value of a [`RwLock`] for one alone: what [`RwLockWriteGuard::map`] makes.
#[must_use = "the lock is given back as soon as its guard is dropped"]
#[clippy::has_significant_drop]
pub struct MappedRwLockWriteGuard<'a, T: ?Sized> {
    raw: &'a Raw,
    poison: &'a Flag,
    before: Before,
    /// INVARIANT: a part of the value that `raw` guards, good for reading and writing until
    /// this guard is dropped.
    part: NonNull<T>,
    /// What is written through it must be a `T`, and not a kind of it.
    writes: PhantomData<&'a mut T>,
}

// SAFETY: here and below, a shared guard gives out `&T` only, so `T: Sync` is all it takes.
unsafe impl<T: ?Sized + Sync> Sync for RwLockReadGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for RwLockWriteGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for MappedRwLockReadGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for MappedRwLockWriteGuard<'_, T> {}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// For who has just taken the lock to read.
    #[inline]
    pub(super) fn new(lock: &'a RwLock<T>) -> Self {
        Self {
            lock,
            stays: PhantomData,
        }
    }

    /// Keeps a part of the value only. The lock stays taken, and other parts of the value
    /// are out of reach until it is given back.
    ///
    /// A function and not a method, so that it hides no method of the value.
    ///
    /// # Panics
    /// Only if `part` does; the lock is then given back.
    ///
    /// ```
    /// use threadbare::sync::{RwLock, RwLockReadGuard};
    ///
    /// let page = RwLock::new(("title", "text"));
    /// let title = RwLockReadGuard::map(page.read().unwrap(), |page| &page.0);
    /// assert_eq!(*title, "title");
    /// assert!(page.try_write().is_err());
    /// ```
    pub fn map<U: ?Sized>(
        orig: Self,
        part: impl FnOnce(&T) -> &U,
    ) -> MappedRwLockReadGuard<'a, U> {
        let part = NonNull::from(part(&*orig));
        let orig = ManuallyDrop::new(orig);
        MappedRwLockReadGuard {
            raw: &orig.lock.raw,
            part,
        }
    }

    /// Keeps a part of the value, if it is there.
    ///
    /// # Errors
    /// The guard as it was, if `part` has returned `None`.
    ///
    /// ```
    /// use threadbare::sync::{RwLock, RwLockReadGuard};
    ///
    /// let names = RwLock::new(vec!["anna"]);
    /// let first = RwLockReadGuard::filter_map(names.read().unwrap(), |names| names.first());
    /// assert_eq!(*first.unwrap(), "anna");
    /// ```
    pub fn filter_map<U: ?Sized>(
        orig: Self,
        part: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<MappedRwLockReadGuard<'a, U>, Self> {
        let Some(part) = part(&*orig).map(NonNull::from) else {
            return Err(orig);
        };
        let orig = ManuallyDrop::new(orig);
        Ok(MappedRwLockReadGuard {
            raw: &orig.lock.raw,
            part,
        })
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// For who has just taken the lock to write.
    #[inline]
    pub(super) fn new(lock: &'a RwLock<T>) -> Self {
        Self {
            lock,
            before: lock.poison.enter(),
            stays: PhantomData,
        }
    }

    /// Turns the writer into a reader. No other writer gets in between, so what it has
    /// written is what it reads.
    ///
    /// Readers that wait get in as well, unless a writer waits.
    ///
    /// # Memory ordering
    /// As giving the lock back: what was written happens-before the return of each `read`
    /// that gets in from now on.
    /// # Cost
    /// One compare-exchange; a system call if readers sleep and no writer does.
    ///
    /// ```
    /// use threadbare::sync::{RwLock, RwLockWriteGuard};
    ///
    /// let total = RwLock::new(0);
    /// let mut writer = total.write().unwrap();
    /// *writer += 1;
    /// let reader = RwLockWriteGuard::downgrade(writer);
    /// assert_eq!((*reader, *total.read().unwrap()), (1, 1));
    /// ```
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn downgrade(s: Self) -> RwLockReadGuard<'a, T> {
        let writer = ManuallyDrop::new(s);
        let lock = writer.lock;
        lock.poison.leave(writer.before);
        lock.raw.downgrade();
        RwLockReadGuard::new(lock)
    }

    /// Keeps a part of the value only. The lock stays taken, and other parts of the value
    /// are out of reach until it is given back.
    ///
    /// A function and not a method, so that it hides no method of the value. A part can't
    /// be [downgraded](Self::downgrade): others would then read the whole while the borrow
    /// that the part came from may still write.
    ///
    /// # Panics
    /// Only if `part` does; the lock is then given back, and poisoned.
    ///
    /// ```
    /// use threadbare::sync::{RwLock, RwLockWriteGuard};
    ///
    /// let page = RwLock::new((String::from("title"), 1));
    /// *RwLockWriteGuard::map(page.write().unwrap(), |page| &mut page.1) += 1;
    /// assert_eq!(page.read().unwrap().1, 2);
    /// ```
    pub fn map<U: ?Sized>(
        mut orig: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedRwLockWriteGuard<'a, U> {
        let part = NonNull::from(part(&mut *orig));
        Self::keep(orig, part)
    }

    /// Keeps a part of the value, if it is there.
    ///
    /// # Errors
    /// The guard as it was, if `part` has returned `None`.
    ///
    /// ```
    /// use threadbare::sync::{RwLock, RwLockWriteGuard};
    ///
    /// let names: RwLock<Vec<u32>> = RwLock::default();
    /// let none = RwLockWriteGuard::filter_map(names.write().unwrap(), |it| it.first_mut());
    /// none.unwrap_err().push(1);
    /// assert_eq!(*names.read().unwrap(), [1]);
    /// ```
    pub fn filter_map<U: ?Sized>(
        mut orig: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedRwLockWriteGuard<'a, U>, Self> {
        match part(&mut *orig).map(NonNull::from) {
            Some(part) => Ok(Self::keep(orig, part)),
            None => Err(orig),
        }
    }

    /// `part` is one of the value of `orig`.
    fn keep<U: ?Sized>(
        orig: Self,
        part: NonNull<U>,
    ) -> MappedRwLockWriteGuard<'a, U> {
        let orig = ManuallyDrop::new(orig);
        MappedRwLockWriteGuard {
            raw: &orig.lock.raw,
            poison: &orig.lock.poison,
            before: orig.before,
            part,
            writes: PhantomData,
        }
    }
}

impl<'a, T: ?Sized> MappedRwLockReadGuard<'a, T> {
    /// As [`RwLockReadGuard::map`], of the part.
    pub fn map<U: ?Sized>(
        orig: Self,
        part: impl FnOnce(&T) -> &U,
    ) -> MappedRwLockReadGuard<'a, U> {
        let part = NonNull::from(part(&*orig));
        let orig = ManuallyDrop::new(orig);
        MappedRwLockReadGuard {
            raw: orig.raw,
            part,
        }
    }

    /// As [`RwLockReadGuard::filter_map`], of the part.
    ///
    /// # Errors
    /// The guard as it was, if `part` has returned `None`.
    pub fn filter_map<U: ?Sized>(
        orig: Self,
        part: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<MappedRwLockReadGuard<'a, U>, Self> {
        let Some(part) = part(&*orig).map(NonNull::from) else {
            return Err(orig);
        };
        let orig = ManuallyDrop::new(orig);
        Ok(MappedRwLockReadGuard {
            raw: orig.raw,
            part,
        })
    }
}

impl<'a, T: ?Sized> MappedRwLockWriteGuard<'a, T> {
    /// As [`RwLockWriteGuard::map`], of the part.
    pub fn map<U: ?Sized>(
        mut orig: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedRwLockWriteGuard<'a, U> {
        let part = NonNull::from(part(&mut *orig));
        Self::keep(orig, part)
    }

    /// As [`RwLockWriteGuard::filter_map`], of the part.
    ///
    /// # Errors
    /// The guard as it was, if `part` has returned `None`.
    pub fn filter_map<U: ?Sized>(
        mut orig: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedRwLockWriteGuard<'a, U>, Self> {
        match part(&mut *orig).map(NonNull::from) {
            Some(part) => Ok(Self::keep(orig, part)),
            None => Err(orig),
        }
    }

    /// `part` is one of the part of `orig`.
    fn keep<U: ?Sized>(
        orig: Self,
        part: NonNull<U>,
    ) -> MappedRwLockWriteGuard<'a, U> {
        let orig = ManuallyDrop::new(orig);
        MappedRwLockWriteGuard {
            raw: orig.raw,
            poison: orig.poison,
            before: orig.before,
            part,
            writes: PhantomData,
        }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this guard is counted, so no writer is in until it is dropped.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this guard's thread is the writer, so nobody else reaches the value, and
        // through `&self` this thread does not write it.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and `&mut self` is the only way to it meanwhile.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: ?Sized> Deref for MappedRwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the invariant of `part`.
        unsafe { self.part.as_ref() }
    }
}

impl<T: ?Sized> Deref for MappedRwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the invariant of `part`; and through `&self` nobody writes it.
        unsafe { self.part.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for MappedRwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and `&mut self` is the only way to it meanwhile.
        unsafe { self.part.as_mut() }
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.raw.read_unlock();
    }
}

impl<T: ?Sized> Drop for MappedRwLockReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.raw.read_unlock();
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.poison.leave(self.before);
        self.lock.raw.write_unlock();
    }
}

impl<T: ?Sized> Drop for MappedRwLockWriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.poison.leave(self.before);
        self.raw.write_unlock();
    }
}

macro_rules! shown_as_the_value {
    ($($Guard:ident)*) => { $(
        impl<T: ?Sized + fmt::Debug> fmt::Debug for $Guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&**self, f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $Guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&**self, f)
            }
        }
    )* };
}
shown_as_the_value!(
    RwLockReadGuard RwLockWriteGuard MappedRwLockReadGuard MappedRwLockWriteGuard
);
