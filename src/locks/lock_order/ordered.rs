//! A mutex that has a level, and threads that climb.

use std::cell::RefCell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::ptr;

use crate::ground::on_std::sync::{Mutex, MutexGuard, TryLockError};
use crate::ground::{const_new, thread_local};

/// A lock that the current thread holds.
#[derive(Clone, Copy)]
struct Held {
    name: &'static str,
    level: u32,
    site: &'static Location<'static>,
    /// Which one it is: its address, which stays as long as it is held.
    lock: usize,
}

thread_local! {
    /// What the current thread holds, in the order of levels.
    static HELD: RefCell<Vec<Held>> = const { RefCell::new(Vec::new()) };
}

/// A mutex with a level. A thread may wait for it only if its level is above those of all
/// `OrderedMutex`es that the thread holds.
///
/// If each thread climbs, none waits for a lock below one that it holds, so no circle can
/// close. Nor does [`lock`](Self::lock) take a second lock of the same level; that includes
/// the same lock twice, which a thread would wait for for ever.
///
/// # Poisoning
/// Passed on: [`lock`](Self::lock) panics if a thread panicked while it held the lock, as
/// `lock().unwrap()` does with std's. The data is yours, and only you could say whether it
/// is whole. A lock against the order panics, too, and so poisons what its thread holds.
///
/// # Example
/// ```
/// use threadbare::locks::OrderedMutex;
///
/// static ACCOUNTS: OrderedMutex<u32> = OrderedMutex::new("accounts", 1, 100);
/// static JOURNAL: OrderedMutex<Vec<u32>> = OrderedMutex::new("journal", 2, Vec::new());
///
/// let mut accounts = ACCOUNTS.lock();
/// *accounts -= 10;
/// JOURNAL.lock().push(10); // 2 is above 1
/// ```
/// ```should_panic
/// # use threadbare::locks::OrderedMutex;
/// # static ACCOUNTS: OrderedMutex<u32> = OrderedMutex::new("accounts", 1, 100);
/// # static JOURNAL: OrderedMutex<Vec<u32>> = OrderedMutex::new("journal", 2, Vec::new());
/// let journal = JOURNAL.lock();
/// let accounts = ACCOUNTS.lock(); // panics, although no other thread is there
/// ```
pub struct OrderedMutex<T> {
    name: &'static str,
    level: u32,
    value: Mutex<T>,
}

impl<T> OrderedMutex<T> {
    const_new! {
        /// A free mutex. `name` stands in the message when the order is broken.
        pub fn new(name: &'static str, level: u32, value: T) -> Self {
            Self { name, level, value: Mutex::new(value) }
        }
    }

    /// Takes the lock; waits while another thread holds it.
    ///
    /// # Panics
    /// If this thread holds an `OrderedMutex` whose level is as high or higher: the message
    /// names both, and the places at which they were taken. It looks before it waits, so a
    /// deadlock that would have happened is reported instead. And if the lock is poisoned.
    /// # Blocking
    /// As std's `Mutex::lock`.
    /// # Cost
    /// Beside that of the lock: a thread-local vector, looked at, pushed and popped.
    // ANCHOR: lock
    #[track_caller]
    pub fn lock(&self) -> OrderedGuard<'_, T> {
        let site = Location::caller();
        let highest = HELD.with_borrow(|held| held.last().copied());
        if let Some(held) = highest
            && held.level >= self.level
        {
            self.refuse(held, site);
        }
        match self.value.lock() {
            Ok(guard) => self.taken(guard, site),
            Err(_) => panic!("a thread panicked while it held `{}`", self.name),
        }
    }
    // ANCHOR_END: lock

    /// Takes the lock if it is free now.
    ///
    /// It need not be above the others: who does not wait can't be part of a circle. But as
    /// long as it is held, [`lock`](Self::lock) takes only what is above *all* that is held.
    ///
    /// # Panics
    /// If it is free and poisoned.
    ///
    /// ```
    /// use threadbare::locks::OrderedMutex;
    ///
    /// let (low, high) = (OrderedMutex::new("low", 1, 0), OrderedMutex::new("high", 2, 0));
    /// let held = high.lock();
    /// let other = low.try_lock().expect("it is free"); // `lock` would panic
    /// assert!(low.try_lock().is_none() && high.try_lock().is_none());
    /// # drop((held, other));
    /// ```
    #[track_caller]
    pub fn try_lock(&self) -> Option<OrderedGuard<'_, T>> {
        match self.value.try_lock() {
            Ok(guard) => Some(self.taken(guard, Location::caller())),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Poisoned(_)) => {
                panic!("a thread panicked while it held `{}`", self.name)
            }
        }
    }

    /// Notes that the current thread holds it.
    fn taken<'a>(
        &'a self,
        guard: MutexGuard<'a, T>,
        site: &'static Location<'static>,
    ) -> OrderedGuard<'a, T> {
        let (name, level, lock) = (self.name, self.level, self.address());
        HELD.with_borrow_mut(|held| {
            // At the end, unless `try_lock` took it out of order.
            let at = held.partition_point(|held| held.level <= level);
            let now = Held {
                name,
                level,
                site,
                lock,
            };
            held.insert(at, now);
        });
        OrderedGuard { guard, mutex: self }
    }

    fn address(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    #[cold]
    #[track_caller]
    fn refuse(&self, held: Held, site: &Location<'_>) -> ! {
        panic!(
            "lock order: `{}` (level {}) is taken at {site}\n  while `{}` (level {}) is \
             held since {}",
            self.name, self.level, held.name, held.level, held.site
        );
    }

    /// The value, borrowed through the exclusive borrow of the mutex: no lock is needed.
    ///
    /// # Panics
    /// If the lock is poisoned.
    pub fn get_mut(&mut self) -> &mut T {
        self.value
            .get_mut()
            .expect("nobody panicked while holding it")
    }

    /// Takes the value out.
    ///
    /// # Panics
    /// If the lock is poisoned.
    pub fn into_inner(self) -> T {
        self.value
            .into_inner()
            .expect("nobody panicked while holding it")
    }
}

impl<T> fmt::Debug for OrderedMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderedMutex")
            .field("name", &self.name)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

/// Holds an [`OrderedMutex`]. Guards may be dropped in any order.
#[must_use = "a guard that is dropped at once protects nothing"]
pub struct OrderedGuard<'a, T> {
    guard: MutexGuard<'a, T>,
    mutex: &'a OrderedMutex<T>,
}

impl<T> Deref for OrderedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for OrderedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

impl<T> Drop for OrderedGuard<'_, T> {
    fn drop(&mut self) {
        // A thread that is being torn down has no list any more, and takes no locks after
        // this one either.
        let _ = HELD.try_with(|held| {
            let mut held = held.borrow_mut();
            let lock = self.mutex.address();
            // From the end: what was taken last is mostly dropped first.
            if let Some(at) = held.iter().rposition(|held| held.lock == lock) {
                held.remove(at);
            }
        });
    }
}

impl<T: fmt::Debug> fmt::Debug for OrderedGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
