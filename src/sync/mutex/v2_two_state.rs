//! Sleeps while it waits, and wakes whether or not anyone sleeps.
#![allow(unsafe_code, reason = "the value under a lock lives in a cell")]

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::{const_new, futex};

// ANCHOR: word
const FREE: u32 = 0;
const LOCKED: u32 = 1;

/// A lock that is slept for.
///
/// ```
/// use threadbare::sync::mutex::v2_two_state::Mutex;
///
/// static TOTAL: Mutex<u32> = Mutex::new(0);
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| *TOTAL.lock() += 1);
///     }
/// });
/// assert_eq!(*TOTAL.lock(), 4);
/// ```
pub struct Mutex<T> {
    state: AtomicU32,
    /// INVARIANT: reached only by whoever has turned `state` from FREE to LOCKED, until it
    /// turns it back.
    value: UnsafeCell<T>,
}
// ANCHOR_END: word

// SAFETY: one thread at a time reaches the value, and each may take it out or drop what it
// replaces; so `T: Send`. `T: Sync` is not needed: no two threads have it at once.
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    const_new! {
        /// Makes a lock that is free.
        pub fn new(value: T) -> Self {
            Self {
                state: AtomicU32::new(FREE),
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

    /// Takes the lock, sleeping until it is free.
    ///
    /// # Blocking
    /// Sleeps on the word. Whoever unlocks wakes one sleeper, which tries again: another
    /// may have been quicker. The same thread twice: for ever.
    /// # Memory ordering
    /// Everything under the lock before happens-before this call's return.
    /// # Cost
    /// Free: one compare-exchange. Taken: a system call for each attempt.
    // ANCHOR: lock
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        match self.try_lock() {
            Some(guard) => guard,
            None => self.lock_contended(),
        }
    }
    // ANCHOR_END: lock

    // ANCHOR: lock_contended
    #[cold]
    fn lock_contended(&self) -> MutexGuard<'_, T> {
        loop {
            // If it has come free since, the kernel sees that, and does not let us sleep.
            futex::wait(&self.state, LOCKED);
            if let Some(guard) = self.try_lock() {
                return guard;
            }
        }
    }
    // ANCHOR_END: lock_contended

    /// Takes the lock if it is free.
    ///
    /// # Memory ordering
    /// With a guard, as for [`lock`](Self::lock); without one, none.
    /// # Cost
    /// One compare-exchange.
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        // ORDERING: Acquire pairs with the Release store in `drop`, by which the last owner
        // let go. On failure Relaxed: nothing is looked at.
        let taken = self.state.compare_exchange(FREE, LOCKED, Acquire, Relaxed);
        taken.ok().map(|_| MutexGuard::new(self))
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").finish_non_exhaustive()
    }
}

/// The value of a [`Mutex`], which is free again when this is dropped.
///
/// # Cost
/// To drop it is a store and a system call, always.
///
/// It stays on its thread: a lock is given back by whoever took it.
///
/// ```compile_fail,E0277
/// # use threadbare::sync::mutex::v2_two_state::Mutex;
/// static LOCK: Mutex<u32> = Mutex::new(0);
/// let guard = LOCK.lock();
/// std::thread::spawn(move || drop(guard));
/// ```
#[must_use = "the lock is free again as soon as its guard is dropped"]
pub struct MutexGuard<'a, T> {
    lock: &'a Mutex<T>,
    /// A raw pointer is neither `Send` nor `Sync`.
    stays: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives out `&T` only, so `T: Sync` is all it takes.
unsafe impl<T: Sync> Sync for MutexGuard<'_, T> {}

impl<'a, T> MutexGuard<'a, T> {
    /// For who has just taken the lock.
    fn new(lock: &'a Mutex<T>) -> Self {
        Self {
            lock,
            stays: PhantomData,
        }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this guard's thread has the lock, so nobody else reaches the value, and
        // through `&self` this thread does not write it.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and `&mut self` is the only way to it meanwhile.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

// ANCHOR: unlock
impl<T> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // ORDERING: Release. What was done under the lock is done when it is free; pairs
        // with the Acquire in `try_lock`.
        self.lock.state.store(FREE, Release);
        // Does anyone sleep? The word does not say. So this is a system call each time.
        futex::wake_one(&self.lock.state);
    }
}
// ANCHOR_END: unlock

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
