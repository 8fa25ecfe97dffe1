//! The ground by shuttle: what `explorer::ground` offers, on shuttle's types.
//!
//! Shuttle takes every ordering for `SeqCst`, so it cannot see a wrong one. It has no cell
//! either. The one here is what a user of shuttle would write: between the start and the end
//! of an access another thread may run, and an overlap panics. The futex is a queue of
//! parked threads.

pub use shuttle::{hint, thread};

/// Atomics and fences.
pub mod atomic {
    pub use shuttle::sync::atomic::{
        AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize,
        AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
        fence,
    };
}

/// What std has in `sync`.
pub mod sync {
    pub use shuttle::sync::{
        Arc, Barrier, Condvar, Mutex, MutexGuard, Once, RwLock, RwLockReadGuard,
        RwLockWriteGuard, Weak, mpsc,
    };
    pub use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};
}

/// A cell whose accesses take time.
#[allow(unsafe_code, reason = "a cell that threads share")]
pub mod cell {
    use super::atomic::{AtomicBool, Ordering::Relaxed};
    use std::cell::Cell;

    /// Panics where two accesses overlap, of which one writes.
    #[derive(Debug)]
    pub struct UnsafeCell<T> {
        /// How many threads read; -1 if one writes.
        inside: Cell<isize>,
        /// Loaded inside each access, only to let another thread run there.
        pause: AtomicBool,
        value: std::cell::UnsafeCell<T>,
    }

    // SAFETY: shuttle runs all threads of a model on one thread of the system and switches
    // only inside its own calls, so `inside` is never touched by two at once. Who may touch
    // `value` is what the model checks, and what std's `UnsafeCell` leaves to its user.
    unsafe impl<T: Send> Sync for UnsafeCell<T> {}

    impl<T> UnsafeCell<T> {
        /// Puts a value into a new cell.
        pub const fn new(value: T) -> Self {
            Self {
                inside: Cell::new(0),
                pause: AtomicBool::new(false),
                value: std::cell::UnsafeCell::new(value),
            }
        }

        /// Takes the value out.
        pub fn into_inner(self) -> T {
            self.value.into_inner()
        }

        /// Reads through a pointer.
        ///
        /// # Panics
        /// If another thread writes at the same time.
        pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            assert!(self.inside.get() >= 0, "data race: read during a write");
            self.inside.set(self.inside.get() + 1);
            self.pause();
            let result = f(self.value.get());
            self.inside.set(self.inside.get() - 1);
            result
        }

        /// Writes through a pointer.
        ///
        /// # Panics
        /// If another thread reads or writes at the same time.
        pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            assert!(self.inside.get() == 0, "data race: write during an access");
            self.inside.set(-1);
            self.pause();
            let result = f(self.value.get());
            self.inside.set(0);
            result
        }

        /// Lets another thread run, as every operation on an atomic does.
        fn pause(&self) {
            // ORDERING: Relaxed. Shuttle makes it SeqCst, and the value means nothing.
            self.pause.load(Relaxed);
        }
    }
}

/// The kernel's wait queue.
pub mod futex {
    use super::atomic::{AtomicU32, Ordering::Relaxed};
    use super::thread::{self, Thread};
    use std::cell::RefCell;

    /// Threads that sleep, each with the address of its word.
    type Sleepers = Vec<(usize, Thread)>;

    std::thread_local! {
        /// In the order in which they fell asleep. Shuttle runs a whole model on one thread
        /// of the system.
        static SLEEPERS: RefCell<Sleepers> = const { RefCell::new(Vec::new()) };
    }

    /// Forgets who slept in the execution before, which a panic may have ended.
    pub fn reset() {
        SLEEPERS.with_borrow_mut(Vec::clear);
    }

    /// Sleeps while `word` holds `expected`, until it is woken.
    pub fn wait(word: &AtomicU32, expected: u32) {
        // ORDERING: Relaxed. Shuttle makes it SeqCst. It switches threads before the value is
        // read, never after, so nobody can wake in between.
        if word.load(Relaxed) != expected {
            return;
        }
        let me = thread::current();
        let id = me.id();
        SLEEPERS.with_borrow_mut(|all| all.push((address(word), me)));
        let sleeps =
            || SLEEPERS.with_borrow(|all| all.iter().any(|(_, t)| t.id() == id));
        while sleeps() {
            thread::park();
        }
    }

    /// Wakes one sleeper.
    pub fn wake_one(word: &AtomicU32) -> bool {
        thread::yield_now();
        wake_next(address(word))
    }

    /// Wakes every sleeper.
    pub fn wake_all(word: &AtomicU32) {
        thread::yield_now();
        while wake_next(address(word)) {}
    }

    fn wake_next(word: usize) -> bool {
        let woken = SLEEPERS.with_borrow_mut(|all| {
            let first = all.iter().position(|(at, _)| *at == word)?;
            Some(all.remove(first).1)
        });
        if let Some(thread) = &woken {
            thread.unpark();
        }
        woken.is_some()
    }

    fn address(word: &AtomicU32) -> usize {
        std::ptr::from_ref(word).addr()
    }
}

pub use super::Named;
