//! Tries again and again.
#![allow(unsafe_code, reason = "the value under a lock lives in a cell")]

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use crate::ground::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::{const_new, hint};

/// A lock that is waited for by trying to take it.
///
/// ```
/// use threadbare::atomic::spin_lock::v1_swap::SpinLock;
///
/// static TOTAL: SpinLock<u32> = SpinLock::new(0);
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| *TOTAL.lock() += 1);
///     }
/// });
/// assert_eq!(*TOTAL.lock(), 4);
/// ```
#[derive(Default)]
pub struct SpinLock<T> {
    locked: AtomicBool,
    /// INVARIANT: reached only by whoever has turned `locked` from false to true, until it
    /// turns it back.
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time reaches the value, and each may take it out or drop what it
// replaces; so `T: Send`. `T: Sync` is not needed: no two threads have it at once.
unsafe impl<T: Send> Sync for SpinLock<T> {}

impl<T> SpinLock<T> {
    const_new! {
        /// Makes a lock that is free.
        pub fn new(value: T) -> Self {
            Self {
                locked: AtomicBool::new(false),
                value: UnsafeCell::new(value),
            }
        }
    }

    /// Takes the value out: nobody else has the lock.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// The value, through the exclusive borrow of the lock: without waiting.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Takes the lock, spinning until it is free.
    ///
    /// # Blocking
    /// Burns its core until the owner lets go. The same thread twice: for ever.
    /// # Memory ordering
    /// Everything under the lock before happens-before this call's return.
    /// # Cost
    /// Free: one read-modify-write. Taken: one after the other, each of which takes the
    /// cache line away from the owner.
    // ANCHOR: lock
    pub fn lock(&self) -> SpinLockGuard<'_, T> {
        loop {
            if let Some(guard) = self.try_lock() {
                return guard;
            }
            hint::spin_loop();
        }
    }
    // ANCHOR_END: lock

    /// Takes the lock if it is free.
    ///
    /// # Memory ordering
    /// With a guard, as for [`lock`](Self::lock); without one, none.
    // ANCHOR: try_lock
    pub fn try_lock(&self) -> Option<SpinLockGuard<'_, T>> {
        // ORDERING: Acquire pairs with the Release store in `drop`, by which the last owner
        // let go.
        let was_locked = self.locked.swap(true, Acquire);
        (!was_locked).then(|| SpinLockGuard::new(self))
    }
    // ANCHOR_END: try_lock
}

impl<T> fmt::Debug for SpinLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpinLock").finish_non_exhaustive()
    }
}

/// The value of a [`SpinLock`], which is free again when this is dropped.
///
/// It stays on its thread: a lock is given back by whoever took it.
#[must_use = "the lock is free again as soon as its guard is dropped"]
pub struct SpinLockGuard<'a, T> {
    lock: &'a SpinLock<T>,
    /// A raw pointer is neither `Send` nor `Sync`.
    stays: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives out `&T` only, so `T: Sync` is all it takes.
unsafe impl<T: Sync> Sync for SpinLockGuard<'_, T> {}

impl<'a, T> SpinLockGuard<'a, T> {
    /// For who has just taken the lock.
    fn new(lock: &'a SpinLock<T>) -> Self {
        Self {
            lock,
            stays: PhantomData,
        }
    }
}

impl<T> Deref for SpinLockGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this guard's thread has the lock, so nobody else reaches the value, and
        // through `&self` this thread does not write it.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for SpinLockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and `&mut self` is the only way to it meanwhile.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

// ANCHOR: unlock
impl<T> Drop for SpinLockGuard<'_, T> {
    fn drop(&mut self) {
        // ORDERING: Release. What was done under the lock is done when it is free; pairs
        // with the Acquire in `try_lock`.
        self.lock.locked.store(false, Release);
    }
}
// ANCHOR_END: unlock

impl<T: fmt::Debug> fmt::Debug for SpinLockGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
