//! A number that every notification changes, and a count of those who wait.

use std::fmt;
use std::ptr;
use std::sync::{LockResult, PoisonError};

use super::WaitTimeoutResult;
use crate::ground::atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed};
use crate::ground::time::{Duration, Instant};
use crate::ground::{const_new, futex};
use crate::sync::MutexGuard;

/// Waits under a [`Mutex`](crate::sync::Mutex) for what another thread does under it.
///
/// Names and signatures are those of [`std::sync::Condvar`].
///
/// ```
/// use std::thread;
/// use threadbare::sync::{Condvar, Mutex};
///
/// static ITEMS: Mutex<Vec<u32>> = Mutex::new(Vec::new());
/// static NOT_EMPTY: Condvar = Condvar::new();
///
/// let taker = thread::spawn(|| {
///     let items = ITEMS.lock().unwrap();
///     let mut items = NOT_EMPTY.wait_while(items, |items| items.is_empty()).unwrap();
///     items.pop()
/// });
/// ITEMS.lock().unwrap().push(5);
/// NOT_EMPTY.notify_one();
/// assert_eq!(taker.join().unwrap(), Some(5));
/// ```
///
/// # One mutex at a time
/// All who wait at the same time must have come with the same mutex; who comes with
/// another panics. When nobody waits, the next may come with any.
// ANCHOR: word
pub struct Condvar {
    /// How many notifications there were, past `u32::MAX` from 0 again.
    sequence: AtomicU32,
    /// How many threads are about to sleep, or sleep, or have just woken up.
    waiting: AtomicU32,
    /// The lock that they came with.
    lock: AtomicPtr<()>,
}
// ANCHOR_END: word

impl Condvar {
    const_new! {
        /// Makes a condition variable that nobody waits for.
        pub fn new() -> Self {
            Self {
                sequence: AtomicU32::new(0),
                waiting: AtomicU32::new(0),
                lock: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }

    /// Gives the lock back, sleeps until notified, and takes the lock again.
    ///
    /// # Errors
    /// If the lock is poisoned by then; the error has the guard.
    /// # Panics
    /// If others wait at this moment who came with another mutex.
    /// # Blocking
    /// Until a notification, or for no reason before: call it in a loop, or call
    /// [`wait_while`](Self::wait_while). A thread that exactly 4,294,967,296 notifications
    /// overtake between its unlock and its system call misses them all.
    /// # Memory ordering
    /// As unlocking and locking.
    pub fn wait<'a, T: ?Sized>(
        &self,
        mut guard: MutexGuard<'a, T>,
    ) -> LockResult<MutexGuard<'a, T>> {
        self.sleep(&mut guard, |sequence| {
            futex::wait(&self.sequence, sequence);
            true
        });
        guard.checked()
    }

    /// Waits as long as `condition` says so.
    ///
    /// # Errors
    /// If the lock is poisoned; the error has the guard.
    /// # Panics
    /// As [`wait`](Self::wait).
    pub fn wait_while<'a, T: ?Sized, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As [`wait`](Self::wait), sleeping for at most `limit`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use threadbare::sync::{Condvar, Mutex};
    ///
    /// let (lock, never) = (Mutex::new(()), Condvar::new());
    /// let mut guard = lock.lock().unwrap();
    /// loop {
    ///     let (again, result) =
    ///         never.wait_timeout(guard, Duration::from_millis(1)).unwrap();
    ///     guard = again;
    ///     if result.timed_out() {
    ///         break;
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// If the lock is poisoned; the error has the guard and the result.
    /// # Panics
    /// As [`wait`](Self::wait).
    /// # Blocking
    /// The time is that of the sleep, rounded up as in [`crate::futex`]; to get the lock
    /// again can take longer. A limit that the clock cannot express is none.
    pub fn wait_timeout<'a, T: ?Sized>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let in_time = self.sleep(&mut guard, |sequence| {
            futex::wait_timeout(&self.sequence, sequence, limit)
        });
        let result = WaitTimeoutResult(!in_time);
        match guard.checked() {
            Ok(guard) => Ok((guard, result)),
            Err(it) => Err(PoisonError::new((it.into_inner(), result))),
        }
    }

    /// Waits as long as `condition` says so, for at most `limit` in all.
    ///
    /// The time was up if the result says so, which it does only if the condition held to
    /// the end.
    ///
    /// # Errors
    /// If the lock is poisoned; the error has the guard and the result.
    /// # Panics
    /// As [`wait`](Self::wait).
    /// # Blocking
    /// As [`wait_timeout`](Self::wait_timeout). Wake-ups for no reason do not extend it.
    pub fn wait_timeout_while<'a, T: ?Sized, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let start = Instant::now();
        loop {
            if !condition(&mut guard) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            let Some(left) = limit.checked_sub(start.elapsed()) else {
                return Ok((guard, WaitTimeoutResult(true)));
            };
            guard = self.wait_timeout(guard, left)?.0;
        }
    }

    // ANCHOR: wait
    /// Gives the lock back during `sleep`, which returns at once if the number is no longer
    /// the one that it is given.
    fn sleep<T: ?Sized>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        sleep: impl FnOnce(u32) -> bool,
    ) -> bool {
        self.enter(guard.address());
        // Who changes the condition does it under the lock, and notifies later. So what is
        // read while the lock is held was there before any notification that matters.
        //
        // ORDERING: Relaxed. The lock orders the condition; of the number only the kernel
        // must see the newest, and it does.
        let sequence = self.sequence.load(Relaxed);
        guard.unlocked(|| {
            let woken = sleep(sequence);
            // ORDERING: Relaxed. If `notify_one` sees it late, it makes a system call in vain.
            self.waiting.fetch_sub(1, Relaxed);
            woken
        })
    }

    /// Counts the caller, who has `lock`.
    fn enter(&self, lock: *mut ()) {
        // ORDERING: Relaxed. Who must see it in `notify_one` has the lock after this thread
        // has given it back, or knows somebody who had: the lock orders them.
        if self.waiting.fetch_add(1, Relaxed) == 0 {
            // ORDERING: Relaxed. As above, for the load below in `enter`.
            self.lock.store(lock, Relaxed);
            return;
        }
        // ORDERING: Relaxed. Who waits with the same lock has stored it under that lock, in
        // `enter`. With different locks it may be seen late, and then nobody panics.
        if self.lock.load(Relaxed) != lock {
            // ORDERING: Relaxed. As in `sleep`.
            self.waiting.fetch_sub(1, Relaxed);
            panic!("a condition variable is used with two mutexes at the same time");
        }
    }
    // ANCHOR_END: wait

    // ANCHOR: notify
    /// Wakes one who waits, if there is one.
    ///
    /// # Cost
    /// While nobody waits, a load. Else a system call.
    #[inline]
    pub fn notify_one(&self) {
        if self.is_waited_for() {
            self.notify(futex::wake_one);
        }
    }

    /// Wakes all who wait.
    ///
    /// # Cost
    /// While nobody waits, a load. Else a system call; and all but one of those who wake
    /// up have to wait for the lock.
    #[inline]
    pub fn notify_all(&self) {
        if self.is_waited_for() {
            self.notify(futex::wake_all);
        }
    }

    #[inline]
    fn is_waited_for(&self) -> bool {
        // ORDERING: Relaxed. Who has changed the condition under the lock sees, in the order
        // of the lock, that those are counted in `enter` who had it before and found
        // nothing.
        self.waiting.load(Relaxed) > 0
    }

    #[cold]
    fn notify(&self, wake: fn(&AtomicU32)) {
        // ORDERING: Relaxed. As the load in `sleep`. It comes before the wake-up for the
        // kernel too, which looks at the number under the lock that the wake-up takes.
        self.sequence.fetch_add(1, Relaxed);
        wake(&self.sequence);
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
