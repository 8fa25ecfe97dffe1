//! Readers join readers: one word, which counts them.
//!
//! It is right, and in three ways it is not good:
//!
//! - *A writer starves.* It gets in when the count is zero. While readers overlap, however
//!   short each of them stays, it never is.
//! - *A waiting writer is up and about.* It sleeps while the word is what it saw, and each
//!   reader that comes or goes changes the word between its look and its sleep.
//! - *Each unlock asks the kernel* to wake somebody, although mostly nobody sleeps: the word
//!   does not say.
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
/// Nobody is in. Any other number but `WRITER` is how many readers are.
const FREE: u32 = 0;
/// A writer is in.
const WRITER: u32 = u32::MAX;
/// One more would look like a writer. (Few enough in a model to try it.)
const MOST_READERS: u32 = if cfg!(test) { 3 } else { WRITER - 1 };
// ANCHOR_END: word

/// A read-write lock whose readers never wait for each other, nor for a writer that waits.
///
/// ```
/// use threadbare::sync::rwlock::v1_readers_first::RwLock;
///
/// static ROUTES: RwLock<Vec<&str>> = RwLock::new(Vec::new());
///
/// ROUTES.write().push("/");
/// let (one, other) = (ROUTES.read(), ROUTES.read()); // both at once
/// assert_eq!(one.len() + other.len(), 2);
/// ```
///
/// Readers on several threads have the value at once, so it must be `Sync`:
///
/// ```compile_fail,E0277
/// # use {std::cell::Cell, threadbare::sync::rwlock::v1_readers_first::RwLock};
/// let lock = RwLock::new(Cell::new(1));
/// std::thread::scope(|scope| {
///     scope.spawn(|| lock.read().set(2));
/// });
/// ```
#[derive(Default)]
pub struct RwLock<T> {
    state: AtomicU32,
    /// INVARIANT: written only by whoever has turned `state` from `FREE` to `WRITER`, until
    /// it turns it back; read only by who has counted itself, until it counts itself out.
    value: UnsafeCell<T>,
}

// SAFETY: the lock gives `&T` to several threads at once, so `T: Sync`, and `&mut T` to one
// that may take the value out, so `T: Send`.
unsafe impl<T: Send + Sync> Sync for RwLock<T> {}

impl<T> RwLock<T> {
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
    ///
    /// ```
    /// # use threadbare::sync::rwlock::v1_readers_first::RwLock;
    /// assert_eq!(RwLock::new(5).into_inner(), 5);
    /// ```
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// The value, through the exclusive borrow of the lock: without waiting.
    ///
    /// ```
    /// # use threadbare::sync::rwlock::v1_readers_first::RwLock;
    /// let mut lock = RwLock::new(5);
    /// *lock.get_mut() += 1;
    /// assert_eq!(*lock.read(), 6);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Takes the lock to read, waiting while a writer is in.
    ///
    /// # Panics
    /// If there are 2^32 - 2 readers.
    /// # Blocking
    /// Sleeps until the writer leaves. Never waits for a writer that itself waits.
    /// # Memory ordering
    /// Everything that writers did before happens-before this call's return.
    /// # Cost
    /// No writer: a load and a compare-exchange.
    ///
    /// ```
    /// # use threadbare::sync::rwlock::v1_readers_first::RwLock;
    /// assert_eq!(*RwLock::new(5).read(), 5);
    /// ```
    // ANCHOR: read
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        // ORDERING: Relaxed. A guess; the exchange decides.
        let mut state = self.state.load(Relaxed);
        loop {
            if state == WRITER {
                futex::wait(&self.state, WRITER);
                // ORDERING: Relaxed. As above.
                state = self.state.load(Relaxed);
                continue;
            }
            assert!(state < MOST_READERS, "too many readers");
            // ORDERING: Acquire pairs with the Release in `drop` of the last writer. On
            // failure Relaxed: nothing is looked at.
            match self.state.compare_exchange_weak(
                state,
                state + 1,
                Acquire,
                Relaxed,
            ) {
                Ok(_) => return RwLockReadGuard::new(self),
                Err(now) => state = now,
            }
        }
    }
    // ANCHOR_END: read

    /// Takes the lock to read if no writer is in, and there are not too many readers.
    ///
    /// # Memory ordering
    /// With a guard, as for [`read`](Self::read); without one, none.
    ///
    /// ```
    /// # use threadbare::sync::rwlock::v1_readers_first::RwLock;
    /// let lock = RwLock::new(5);
    /// let writer = lock.write();
    /// assert!(lock.try_read().is_none());
    /// # drop(writer);
    /// ```
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        // ORDERING: Relaxed. As in `read`.
        let mut state = self.state.load(Relaxed);
        while state < MOST_READERS {
            // ORDERING: Acquire pairs with the Release in `drop`, as in `read`.
            match self.state.compare_exchange_weak(
                state,
                state + 1,
                Acquire,
                Relaxed,
            ) {
                Ok(_) => return Some(RwLockReadGuard::new(self)),
                Err(now) => state = now,
            }
        }
        None
    }

    /// Takes the lock to write, waiting while anybody is in.
    ///
    /// # Blocking
    /// Sleeps until nobody is in, which may be never. The same thread twice: for ever.
    /// # Memory ordering
    /// Everything that readers and writers did before happens-before this call's return.
    /// # Cost
    /// Free: one compare-exchange.
    ///
    /// ```
    /// # use threadbare::sync::rwlock::v1_readers_first::RwLock;
    /// let lock = RwLock::new(5);
    /// *lock.write() += 1;
    /// assert_eq!(lock.into_inner(), 6);
    /// ```
    // ANCHOR: write
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        // ORDERING: Acquire pairs with the Release in `drop` of every reader and of the last
        // writer. On failure Relaxed: nothing is looked at.
        while let Err(state) =
            self.state.compare_exchange(FREE, WRITER, Acquire, Relaxed)
        {
            futex::wait(&self.state, state);
        }
        RwLockWriteGuard::new(self)
    }
    // ANCHOR_END: write

    /// Takes the lock to write if nobody is in.
    ///
    /// # Memory ordering
    /// With a guard, as for [`write`](Self::write); without one, none.
    ///
    /// ```
    /// # use threadbare::sync::rwlock::v1_readers_first::RwLock;
    /// let lock = RwLock::new(5);
    /// let reader = lock.read();
    /// assert!(lock.try_write().is_none());
    /// # drop(reader);
    /// ```
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        // ORDERING: Acquire pairs with the Release in `drop`, as in `write`.
        let taken = self.state.compare_exchange(FREE, WRITER, Acquire, Relaxed);
        taken.ok().map(|_| RwLockWriteGuard::new(self))
    }
}

impl<T> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwLock").finish_non_exhaustive()
    }
}

/// A share in the value of a [`RwLock`], until it is dropped. It stays on its thread.
///
/// ```compile_fail,E0277
/// # use threadbare::sync::rwlock::v1_readers_first::RwLock;
/// static LOCK: RwLock<u32> = RwLock::new(0);
/// let guard = LOCK.read();
/// std::thread::spawn(move || drop(guard));
/// ```
#[must_use = "the lock is free again as soon as its guard is dropped"]
pub struct RwLockReadGuard<'a, T> {
    lock: &'a RwLock<T>,
    /// A raw pointer is neither `Send` nor `Sync`.
    stays: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives out `&T` only, so `T: Sync` is all it takes.
unsafe impl<T: Sync> Sync for RwLockReadGuard<'_, T> {}

impl<'a, T> RwLockReadGuard<'a, T> {
    /// For who has just counted itself in.
    fn new(lock: &'a RwLock<T>) -> Self {
        Self {
            lock,
            stays: PhantomData,
        }
    }
}

impl<T> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this guard is counted, so no writer is in until it is dropped.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

// ANCHOR: unlock
impl<T> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        // ORDERING: Release. This reader has looked when a writer gets in; pairs with the
        // Acquire in `write`.
        if self.lock.state.fetch_sub(1, Release) == 1 {
            // Readers don't wait for readers: if somebody sleeps, it is a writer. Or a
            // reader whom a writer is about to wake, with all others.
            futex::wake_one(&self.lock.state);
        }
    }
}

impl<T> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        // ORDERING: Release. What was written is there when the lock is free; pairs with
        // the Acquire in `read` and in `write`.
        self.lock.state.store(FREE, Release);
        futex::wake_all(&self.lock.state);
    }
}
// ANCHOR_END: unlock

/// The value of a [`RwLock`] for one alone, until it is dropped. It stays on its thread.
///
/// ```compile_fail,E0277
/// # use threadbare::sync::rwlock::v1_readers_first::RwLock;
/// static LOCK: RwLock<u32> = RwLock::new(0);
/// let guard = LOCK.write();
/// std::thread::spawn(move || drop(guard));
/// ```
#[must_use = "the lock is free again as soon as its guard is dropped"]
pub struct RwLockWriteGuard<'a, T> {
    lock: &'a RwLock<T>,
    /// A raw pointer is neither `Send` nor `Sync`.
    stays: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives out `&T` only, so `T: Sync` is all it takes.
unsafe impl<T: Sync> Sync for RwLockWriteGuard<'_, T> {}

impl<'a, T> RwLockWriteGuard<'a, T> {
    /// For who has just become the writer.
    fn new(lock: &'a RwLock<T>) -> Self {
        Self {
            lock,
            stays: PhantomData,
        }
    }
}

impl<T> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this guard's thread is the writer, so nobody else reaches the value, and
        // through `&self` this thread does not write it.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and `&mut self` is the only way to it meanwhile.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
