//! The proof that a thread has the lock.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::LockResult;

use super::Mutex;
use crate::sync::held::{self, How};
use crate::sync::poison::Before;

/// The value of a [`Mutex`], which is free again when this is dropped.
///
/// It stays on its thread: a lock is given back by whoever took it.
///
/// ```compile_fail,E0277
/// # use threadbare::sync::Mutex;
/// static LOCK: Mutex<u32> = Mutex::new(0);
/// let guard = LOCK.lock().unwrap();
/// std::thread::spawn(move || drop(guard));
/// ```
#[must_use = "the lock is free again as soon as its guard is dropped"]
pub struct MutexGuard<'a, T: ?Sized + 'a> {
    /// INVARIANT: taken by this guard's thread, and given back by its `drop`.
    pub(super) lock: &'a Mutex<T>,
    pub(super) before: Before,
    /// A raw pointer is neither `Send` nor `Sync`.
    stays: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives out `&T` only, so `T: Sync` is all it takes.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// For who has just taken the lock.
    #[inline]
    pub(super) fn new(lock: &'a Mutex<T>) -> Self {
        Self {
            lock,
            before: lock.poison.enter(),
            stays: PhantomData,
        }
    }

    /// Gives the lock back while `sleep` runs, which must not panic.
    pub(in crate::sync) fn unlocked<R>(&mut self, sleep: impl FnOnce() -> R) -> R {
        let word = &self.lock.word;
        word.unlock();
        let result = sleep();
        word.lock_after_sleep();
        result
    }

    /// For who has not looked at the poison since it has the lock.
    pub(in crate::sync) fn checked(self) -> LockResult<Self> {
        self.lock.poison.check(self)
    }

    /// Which lock it is.
    pub(in crate::sync) fn address(&self) -> *mut () {
        (&raw const self.lock.word).cast_mut().cast()
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this guard's thread has the lock, so nobody else reaches the value, and
        // through `&self` this thread does not write it.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and `&mut self` is the only way to it meanwhile.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.poison.leave(self.before);
        held::given_back(&self.lock.word, How::Locked);
        self.lock.word.unlock();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
