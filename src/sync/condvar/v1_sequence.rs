//! A number that every notification changes.

use std::fmt;
use std::sync::LockResult;

use crate::ground::atomic::{AtomicU32, Ordering::Relaxed};
use crate::ground::{const_new, futex};
use crate::sync::MutexGuard;

/// A condition variable that makes a system call for each notification.
///
/// ```
/// use std::thread;
/// use threadbare::sync::Mutex;
/// use threadbare::sync::condvar::v1_sequence::Condvar;
///
/// let (ready, changed) = (Mutex::new(false), Condvar::new());
/// thread::scope(|scope| {
///     scope.spawn(|| {
///         *ready.lock().unwrap() = true;
///         changed.notify_one();
///     });
///     let ready = changed.wait_while(ready.lock().unwrap(), |ready| !*ready);
///     assert!(*ready.unwrap());
/// });
/// ```
pub struct Condvar {
    /// How many notifications there were, past `u32::MAX` from 0 again.
    sequence: AtomicU32,
}

impl Condvar {
    const_new! {
        /// Makes a condition variable that nobody waits for.
        pub fn new() -> Self {
            Self {
                sequence: AtomicU32::new(0),
            }
        }
    }

    /// Gives the lock back, sleeps until notified, and takes the lock again.
    ///
    /// # Errors
    /// If the lock is poisoned by then; the error has the guard.
    /// # Blocking
    /// Until a notification, or for no reason before. A thread that sleeps through exactly
    /// 4,294,967,296 notifications between its unlock and its system call misses them all.
    /// # Memory ordering
    /// As unlocking and locking.
    // ANCHOR: wait
    pub fn wait<'a, T: ?Sized>(
        &self,
        mut guard: MutexGuard<'a, T>,
    ) -> LockResult<MutexGuard<'a, T>> {
        // Who changes the condition does it under the lock, and notifies later. So if this
        // reads the number while the lock is held, no notification that matters can have
        // come before.
        //
        // ORDERING: Relaxed. The lock orders the condition; of the number only the kernel
        // must see the newest, in `wait` of the futex, and it does.
        let sequence = self.sequence.load(Relaxed);
        guard.unlocked(|| futex::wait(&self.sequence, sequence));
        guard.checked()
    }
    // ANCHOR_END: wait

    /// Waits as long as `condition` says so.
    ///
    /// # Errors
    /// If the lock is poisoned; the error has the guard.
    pub fn wait_while<'a, T: ?Sized>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<MutexGuard<'a, T>> {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// Wakes one who waits, if there is one.
    ///
    /// # Cost
    /// A system call.
    // ANCHOR: notify
    pub fn notify_one(&self) {
        // ORDERING: Relaxed. As the load in `wait`. It comes before the wake-up for the
        // kernel too, which looks at the number under the lock that the wake-up takes.
        self.sequence.fetch_add(1, Relaxed);
        futex::wake_one(&self.sequence);
    }

    /// Wakes all who wait.
    ///
    /// # Cost
    /// A system call, and for all but the first who wakes up some waiting for the lock.
    pub fn notify_all(&self) {
        // ORDERING: Relaxed. As in `notify_one`.
        self.sequence.fetch_add(1, Relaxed);
        futex::wake_all(&self.sequence);
    }
    // ANCHOR_END: notify
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}
