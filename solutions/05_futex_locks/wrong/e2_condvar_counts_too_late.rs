//! the model must say: nobody is left to wake anybody
//!
//! Counts those who wait when they have given the mutex back: nobody, says the count, and
//! nobody is told.

#[path = "../../../exercises/05_futex_locks/given/mutex.rs"]
pub mod given;

use given::{Mutex, MutexGuard};

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{AtomicU32, Ordering::Relaxed};
use super::ground::futex;
use super::ground::time::Duration;

/// Where threads wait until somebody says that things have changed.
#[derive(Debug)]
pub struct Condvar {
    /// Another one after each notification.
    sequence: AtomicU32,
    /// How many wait.
    waiting: AtomicU32,
}

impl Condvar {
    /// Nobody waits.
    pub fn new() -> Self {
        Self {
            sequence: AtomicU32::new(0).named("sequence"),
            waiting: AtomicU32::new(0).named("waiting"),
        }
    }

    /// Gives the mutex back, waits for a notification, and takes the mutex again.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        let mutex: &'a Mutex<T> = MutexGuard::mutex(&guard);
        // ORDERING: Relaxed. The mutex orders all that the number is about.
        let seen = self.sequence.load(Relaxed);
        drop(guard);
        // ORDERING: Relaxed. A number, and no more.
        self.waiting.fetch_add(1, Relaxed);
        futex::wait(&self.sequence, seen);
        // ORDERING: Relaxed, as above.
        self.waiting.fetch_sub(1, Relaxed);
        mutex.lock()
    }

    /// As [`wait`](Self::wait), for at most `limit`. `true`: the time was up.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> (MutexGuard<'a, T>, bool) {
        let mutex = MutexGuard::mutex(&guard);
        // ORDERING: Relaxed, as in `wait`.
        let seen = self.sequence.load(Relaxed);
        drop(guard);
        let in_time = futex::wait_timeout(&self.sequence, seen, limit);
        (mutex.lock(), !in_time)
    }

    /// Ends the wait of one who waits, if there is one.
    pub fn notify_one(&self) {
        // ORDERING: Relaxed. A number, and no more.
        if self.waiting.load(Relaxed) > 0 {
            // ORDERING: Relaxed. Pairs with the load in `wait`, by way of the mutex.
            self.sequence.fetch_add(1, Relaxed);
            futex::wake_one(&self.sequence);
        }
    }

    /// Ends the waits of all who wait.
    pub fn notify_all(&self) {
        // ORDERING: Relaxed, as in `notify_one`.
        self.sequence.fetch_add(1, Relaxed);
        futex::wake_all(&self.sequence);
    }
}

// --- to here ---
