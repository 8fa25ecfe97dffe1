//! Looks a few times before it sleeps, and has all that std's mutex has.
#![allow(unsafe_code, reason = "the value under a lock lives in a cell")]

mod guard;
mod mapped;
mod word;

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{LockResult, TryLockError, TryLockResult};

pub use guard::MutexGuard;
pub use mapped::MappedMutexGuard;

use crate::ground::cell::UnsafeCell;
use crate::ground::const_new;
use crate::sync::held::{self, How};
use crate::sync::poison::Flag;
pub(super) use word::Word;

/// A value that one thread at a time can reach.
///
/// The names, the signatures and the poisoning are those of [`std::sync::Mutex`]; what is
/// written for one compiles with the other.
///
/// ```
/// use threadbare::sync::Mutex;
///
/// static TOTAL: Mutex<u32> = Mutex::new(0);
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| *TOTAL.lock().unwrap() += 1);
///     }
/// });
/// assert_eq!(*TOTAL.lock().unwrap(), 4);
/// ```
///
/// # Poisoning
/// If a thread panics while it has the lock, the value may be half changed. From then on
/// [`lock`](Self::lock) and [`try_lock`](Self::try_lock) take the lock and say so: the
/// guard comes inside an error. Most callers `unwrap`, and so pass the panic on. Who knows
/// better takes the guard out, sets the value right, and calls
/// [`clear_poison`](Self::clear_poison):
///
/// ```
/// use std::panic;
/// use threadbare::sync::Mutex;
///
/// let pair = Mutex::new((0, 0));
/// let result = panic::catch_unwind(|| {
///     let mut pair = pair.lock().unwrap();
///     pair.0 += 1;
///     panic::resume_unwind(Box::new("between two lines that belong together"));
/// });
/// assert!(result.is_err() && pair.is_poisoned());
///
/// let mut both = pair.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
/// both.1 = both.0;
/// drop(both);
/// pair.clear_poison();
/// assert_eq!(*pair.lock().unwrap(), (1, 1));
/// ```
///
/// # What goes to another thread
/// What is not `Send` cannot go from thread to thread under a lock either:
///
/// ```compile_fail,E0277
/// # use {std::rc::Rc, threadbare::sync::Mutex};
/// let lock = Mutex::new(Rc::new(1));
/// std::thread::scope(|scope| {
///     scope.spawn(|| drop(lock.lock().unwrap().clone()));
/// });
/// ```
pub struct Mutex<T: ?Sized> {
    word: Word,
    poison: Flag,
    /// INVARIANT: reached only by whoever has taken `word`, until it gives it back.
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time reaches the value, and each may take it out or drop what it
// replaces; so `T: Send`. `T: Sync` is not needed: no two threads have it at once.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

// Who sees the value after a panic under the lock is told, by the poison.
impl<T: ?Sized> UnwindSafe for Mutex<T> {}
impl<T: ?Sized> RefUnwindSafe for Mutex<T> {}

impl<T> Mutex<T> {
    const_new! {
        /// Makes a lock that is free.
        #[inline]
        pub fn new(value: T) -> Self {
            Self {
                word: Word::new(),
                poison: Flag::new(),
                value: UnsafeCell::new(value),
            }
        }
    }

    /// Takes the value out: nobody else has the lock.
    ///
    /// # Errors
    /// If the lock is poisoned; the error has the value.
    pub fn into_inner(self) -> LockResult<T> {
        let Self { poison, value, .. } = self;
        poison.check(value.into_inner())
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Takes the lock, waiting until it is free.
    ///
    /// # Errors
    /// If a thread has panicked under the lock. The lock is taken all the same, and the
    /// error has the guard.
    /// # Panics
    /// In debug builds, if this thread has the lock already, naming both places. In release
    /// builds that waits for ever.
    /// # Blocking
    /// Looks a few times whether the lock is free, then leaves a mark and sleeps on the
    /// word. Whoever unlocks and finds the mark wakes one sleeper, which tries again:
    /// another may have been quicker, so this is not fair.
    /// # Memory ordering
    /// Everything under the lock before happens-before this call's return.
    /// # Cost
    /// Free: one compare-exchange; no system call. Neither here nor elsewhere does a mutex
    /// allocate.
    // ANCHOR: lock
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        if !self.word.try_lock() {
            held::about_to_wait(&self.word, How::Locked);
            self.word.lock_contended();
        }
        held::taken(&self.word, How::Locked);
        self.poison.check(MutexGuard::new(self))
    }
    // ANCHOR_END: lock

    /// Takes the lock if it is free.
    ///
    /// ```
    /// use threadbare::sync::Mutex;
    ///
    /// let lock = Mutex::new(1);
    /// let guard = lock.lock().unwrap();
    /// assert!(lock.try_lock().is_err());
    /// drop(guard);
    /// assert_eq!(*lock.try_lock().unwrap(), 1);
    /// ```
    ///
    /// # Errors
    /// [`TryLockError::WouldBlock`] if somebody has it, this thread included;
    /// [`TryLockError::Poisoned`] if a thread has panicked under it: then the lock is
    /// taken, and the error has the guard.
    /// # Memory ordering
    /// With a guard, as for [`lock`](Self::lock); without one, none.
    /// # Cost
    /// One compare-exchange.
    #[inline]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        if !self.word.try_lock() {
            return Err(TryLockError::WouldBlock);
        }
        held::taken(&self.word, How::Locked);
        Ok(self.poison.check(MutexGuard::new(self))?)
    }

    /// What stands for this lock in the list of what a thread holds.
    #[cfg(debug_assertions)]
    pub(in crate::sync) fn word(&self) -> &Word {
        &self.word
    }

    /// The value, through the exclusive borrow of the lock: without waiting.
    ///
    /// # Errors
    /// If the lock is poisoned; the error has the reference.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.poison.check(self.value.get_mut())
    }

    /// Whether a thread has panicked under the lock. Without the lock that can be different
    /// a moment later.
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.poison.get()
    }

    /// Says that the value is in order: who takes the lock from now on gets no error.
    #[inline]
    pub fn clear_poison(&self) {
        self.poison.clear();
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// Shows the value if the lock is free, and `<locked>` otherwise: to print never waits.
impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut it = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => it.field("data", &&*guard),
            Err(TryLockError::Poisoned(poisoned)) => {
                it.field("data", &&**poisoned.get_ref())
            }
            Err(TryLockError::WouldBlock) => it.field("data", &"<locked>"),
        };
        it.field("poisoned", &self.is_poisoned());
        it.finish_non_exhaustive()
    }
}
