//! the model must say: is somebody else's lock or queue
//!
//! A condition variable made of another one.

#[path = "../../../exercises/05_futex_locks/given/mutex.rs"]
pub mod given;

use given::{Mutex, MutexGuard};

// --- edit from here ---

use super::ground::sync;
use super::ground::time::Duration;

/// Where threads wait until somebody says that things have changed.
#[derive(Debug)]
pub struct Condvar {
    queue: sync::Condvar,
    inner: sync::Mutex<()>,
}

impl Condvar {
    /// Nobody waits.
    pub fn new() -> Self {
        Self {
            queue: sync::Condvar::new(),
            inner: sync::Mutex::new(()),
        }
    }

    /// Gives the mutex back, waits for a notification, and takes the mutex again.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        let mutex: &'a Mutex<T> = MutexGuard::mutex(&guard);
        let inner = self.inner.lock().unwrap();
        drop(guard);
        drop(self.queue.wait(inner).unwrap());
        mutex.lock()
    }

    /// As [`wait`](Self::wait), for at most `limit`. `true`: the time was up.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> (MutexGuard<'a, T>, bool) {
        let mutex = MutexGuard::mutex(&guard);
        let inner = self.inner.lock().unwrap();
        drop(guard);
        let (inner, over) = self.queue.wait_timeout(inner, limit).unwrap();
        drop(inner);
        (mutex.lock(), over.timed_out())
    }

    /// Ends the wait of one who waits, if there is one.
    pub fn notify_one(&self) {
        drop(self.inner.lock().unwrap());
        self.queue.notify_one();
    }

    /// Ends the waits of all who wait.
    pub fn notify_all(&self) {
        drop(self.inner.lock().unwrap());
        self.queue.notify_all();
    }
}

// --- to here ---
