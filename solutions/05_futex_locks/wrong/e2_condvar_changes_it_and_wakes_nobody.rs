//! the model must say: nobody is left to wake anybody
//!
//! Changes the number, and who sleeps already sleeps on.

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
}

impl Condvar {
    /// Nobody waits.
    pub fn new() -> Self {
        Self {
            sequence: AtomicU32::new(0).named("sequence"),
        }
    }

    /// Gives the mutex back, waits for a notification, and takes the mutex again.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        let mutex: &'a Mutex<T> = MutexGuard::mutex(&guard);
        // ORDERING: Relaxed. Whoever notifies after the mutex is given back has locked it,
        // and so adds to what is read here; the mutex orders all that the number is about.
        let seen = self.sequence.load(Relaxed);
        // Rejected: to load after this. A notification may come between the two, and its
        // number would be the one that is waited with.
        drop(guard);
        // Returns at once if there was a notification since.
        futex::wait(&self.sequence, seen);
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
        // ORDERING: Relaxed. Pairs with the load in `wait`, by way of the mutex.
        self.sequence.fetch_add(1, Relaxed);
    }

    /// Ends the waits of all who wait.
    pub fn notify_all(&self) {
        // ORDERING: Relaxed, as in `notify_one`.
        self.sequence.fetch_add(1, Relaxed);
        futex::wake_all(&self.sequence);
    }
}

// --- to here ---
