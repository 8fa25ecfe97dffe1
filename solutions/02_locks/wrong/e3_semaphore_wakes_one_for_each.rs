//! the model must say: thread 1 sleeps at e3_semaphore_wakes_one_for_each.rs:43, in wait(changed); main waits
//!
//! Wakes as many as there are permits, but perhaps not the right ones.

// --- edit from here ---

use super::ground::sync::{Condvar, Mutex};
use super::ground::time::Duration;

/// A number of permits.
#[derive(Debug)]
pub struct Semaphore {
    free: Mutex<usize>,
    changed: Condvar,
}

/// Permits that were taken from a [`Semaphore`]. They go back when dropped.
#[derive(Debug)]
#[must_use = "permits that are dropped at once allow nothing"]
pub struct Permits<'a> {
    semaphore: &'a Semaphore,
    count: usize,
}

impl Semaphore {
    /// A semaphore with so many permits, all of them free.
    pub fn new(permits: usize) -> Self {
        Self {
            free: Mutex::new(permits),
            changed: Condvar::new(),
        }
    }

    /// How many are free just now.
    pub fn available(&self) -> usize {
        *self.free.lock().unwrap()
    }

    /// Waits until `count` permits are free, and takes them.
    pub fn acquire(&self, count: usize) -> Permits<'_> {
        let mut free = self.free.lock().unwrap();
        while *free < count {
            free = self.changed.wait(free).unwrap();
        }
        *free -= count;
        Permits {
            semaphore: self,
            count,
        }
    }

    /// Takes `count` permits if so many are free now.
    pub fn try_acquire(&self, count: usize) -> Option<Permits<'_>> {
        let mut free = self.free.lock().unwrap();
        *free = free.checked_sub(count)?;
        Some(Permits {
            semaphore: self,
            count,
        })
    }

    /// Waits until `count` permits are free, but not longer than `limit`, and takes
    /// them. `None`: time was up.
    pub fn acquire_timeout(
        &self,
        count: usize,
        limit: Duration,
    ) -> Option<Permits<'_>> {
        let free = self.free.lock().unwrap();
        let (mut free, _) = self
            .changed
            .wait_timeout_while(free, limit, |free| *free < count)
            .unwrap();
        *free = free.checked_sub(count)?;
        Some(Permits {
            semaphore: self,
            count,
        })
    }
}

impl Drop for Permits<'_> {
    fn drop(&mut self) {
        *self.semaphore.free.lock().unwrap() += self.count;
        for _ in 0..self.count {
            self.semaphore.changed.notify_one();
        }
    }
}

// --- to here ---
