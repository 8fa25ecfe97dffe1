//! A mutex that has a name, and threads that are told when they take two of them in an
//! order that could end in a deadlock.
//!
//! | asked | told |
//! |---|---|
//! | is its level above the levels of all that this thread holds? | two places: where it is wanted, and where the other was taken |
//! | has anybody ever taken these the other way round? | four places: two for each order; more if the circle is longer |
//!
//! Both are asked before the thread waits, so nobody need be in a deadlock, nor any other
//! thread be there. And both are asked in debug builds only: in release builds an
//! [`OrderedMutex`] is a [`Mutex`], in size and in code.
//!
//! The list of what a thread holds is that of `held`. What is known of all threads is in
//! `graph`.

#[cfg(debug_assertions)]
mod graph;

use std::fmt;
use std::sync::{LockResult, TryLockResult};

#[cfg(debug_assertions)]
use super::held;
use super::{Mutex, MutexGuard};
use crate::ground::const_new;

/// What a lock is to the detectors.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "release builds ask nothing")]
pub(super) struct Class {
    /// Locks of one name are one, as far as their order goes.
    pub(super) name: &'static str,
    /// A thread that holds it takes only what is above it.
    pub(super) level: Option<u32>,
}

/// A mutex whose place in the order of locks is watched in debug builds.
///
/// Threads wait for each other in a circle only if they take locks in different orders. So
/// it is enough to look at the orders, and each run shows those. With
/// [`new`](Self::new) the order is learned: once `b` was taken while `a` was held, nobody
/// may take `a` while it holds `b`. With [`with_level`](Self::with_level) you say it.
///
/// All locks of one name are one *class*: what was learned from two accounts holds for all
/// accounts. Two locks of one name therefore have no order between them, and are not to be
/// held by one thread at once.
///
/// The guard is that of [`Mutex`], so a [`Condvar`](super::Condvar) takes it.
///
/// # Poisoning
/// As [`Mutex`]. To take a lock against the order panics, and so poisons what the thread
/// holds.
///
/// # Example
/// ```
/// use threadbare::sync::OrderedMutex;
///
/// static ACCOUNTS: OrderedMutex<u32> = OrderedMutex::with_level("accounts", 1, 100);
/// static JOURNAL: OrderedMutex<Vec<u32>> =
///     OrderedMutex::with_level("journal", 2, Vec::new());
///
/// let mut accounts = ACCOUNTS.lock().unwrap();
/// *accounts -= 10;
/// JOURNAL.lock().unwrap().push(10); // 2 is above 1
/// ```
///
/// Nobody has written down the order of these two, and no second thread is there:
///
/// ```
/// use std::panic;
/// use threadbare::sync::OrderedMutex;
///
/// let (ada, bob) = (OrderedMutex::new("ada", 10), OrderedMutex::new("bob", 20));
/// {
///     let mut from = ada.lock().unwrap();
///     let mut to = bob.lock().unwrap();
///     (*from, *to) = (*from - 5, *to + 5);
/// }
/// let the_other_way = || {
///     let _from = bob.lock().unwrap();
///     let _to = ada.lock().unwrap();
/// };
/// let is_told = panic::catch_unwind(the_other_way).is_err();
/// assert_eq!(is_told, cfg!(debug_assertions));
/// ```
pub struct OrderedMutex<T: ?Sized> {
    #[cfg(debug_assertions)]
    class: Class,
    mutex: Mutex<T>,
}

impl<T> OrderedMutex<T> {
    const_new! {
        /// Makes a lock that is free, and whose place in the order is learned.
        ///
        /// `name` stands in the message, and is its class: see [`OrderedMutex`].
        pub fn new(name: &'static str, value: T) -> Self {
            Self::of(Class { name, level: None }, value)
        }
    }

    const_new! {
        /// Makes a lock that is free, and that may be waited for only by a thread which
        /// holds nothing of the same level or a higher one.
        ///
        /// It is watched as well: locks with levels and others can be mixed.
        pub fn with_level(name: &'static str, level: u32, value: T) -> Self {
            Self::of(Class { name, level: Some(level) }, value)
        }
    }

    const_new! {
        fn of(class: Class, value: T) -> Self {
            #[cfg(not(debug_assertions))]
            let _ = class;
            Self {
                #[cfg(debug_assertions)]
                class,
                mutex: Mutex::new(value),
            }
        }
    }

    /// Takes the value out: nobody else has the lock.
    ///
    /// # Errors
    /// If the lock is poisoned; the error has the value.
    pub fn into_inner(self) -> LockResult<T> {
        self.mutex.into_inner()
    }
}

impl<T: ?Sized> OrderedMutex<T> {
    /// Takes the lock, waiting until it is free.
    ///
    /// # Errors
    /// As [`Mutex::lock`]: if a thread has panicked under the lock.
    /// # Panics
    /// In debug builds, if this thread holds an `OrderedMutex` of the same level or a higher
    /// one, or one with the same name; or if, together with what any thread has done before,
    /// it closes a circle; or if it holds this very lock. The message names all places. A
    /// thread that panics already is not told, since a second panic would end the process.
    /// # Blocking
    /// As [`Mutex::lock`]. It is told before it waits.
    /// # Memory ordering
    /// As [`Mutex::lock`].
    /// # Cost
    /// Release builds: that of [`Mutex::lock`]. Debug builds: beside that a look at the list
    /// of what this thread holds; and if another `OrderedMutex` is among it, a lock for all
    /// of them and a look-up, and for a pair that is new a search for a circle.
    // ANCHOR: lock
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        #[cfg(debug_assertions)]
        graph::about_to_take(self.class, self.mutex.word());
        let guard = self.mutex.lock();
        #[cfg(debug_assertions)]
        held::is_of(self.class, self.mutex.word());
        guard
    }
    // ANCHOR_END: lock

    /// Takes the lock if it is free.
    ///
    /// It may be against the order: who does not wait can't be part of a circle. But as long
    /// as it is held, it counts for what [`lock`](Self::lock) is asked.
    ///
    /// # Errors
    /// As [`Mutex::try_lock`].
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let guard = self.mutex.try_lock();
        #[cfg(debug_assertions)]
        if !matches!(guard, Err(std::sync::TryLockError::WouldBlock)) {
            held::is_of(self.class, self.mutex.word());
        }
        guard
    }

    /// The value, through the exclusive borrow of the lock: without waiting.
    ///
    /// # Errors
    /// If the lock is poisoned; the error has the reference.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.mutex.get_mut()
    }

    /// Whether a thread has panicked under the lock.
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.mutex.is_poisoned()
    }

    /// Says that the value is in order.
    #[inline]
    pub fn clear_poison(&self) {
        self.mutex.clear_poison();
    }
}

/// Shows the value if the lock is free, and `<locked>` otherwise: to print never waits.
impl<T: ?Sized + fmt::Debug> fmt::Debug for OrderedMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut it = f.debug_struct("OrderedMutex");
        #[cfg(debug_assertions)]
        it.field("name", &self.class.name)
            .field("level", &self.class.level);
        it.field("mutex", &&self.mutex).finish()
    }
}

// Without debug assertions nothing is watched, and there is nothing to test.
#[cfg(all(test, debug_assertions))]
mod models;
