//! the model must say: is somebody else's lock or queue
//!
//! A semaphore made of a lock and a queue of others.

// --- edit from here ---

use super::ground::sync::{Condvar, Mutex};

/// A number of permits.
#[derive(Debug)]
pub struct Semaphore {
    free: Mutex<usize>,
    changed: Condvar,
}

/// A permit that was taken from a [`Semaphore`]. It goes back when dropped.
#[derive(Debug)]
#[must_use = "a permit that is dropped at once allows nothing"]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
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

    /// Waits until a permit is free, and takes it.
    pub fn acquire(&self) -> Permit<'_> {
        let mut free = self.free.lock().unwrap();
        while *free == 0 {
            free = self.changed.wait(free).unwrap();
        }
        *free -= 1;
        Permit { semaphore: self }
    }

    /// Takes a permit if one is free now.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        let mut free = self.free.lock().unwrap();
        *free = free.checked_sub(1)?;
        Some(Permit { semaphore: self })
    }

    /// Adds `count` permits.
    pub fn release(&self, count: usize) {
        *self.free.lock().unwrap() += count;
        self.changed.notify_all();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.semaphore.release(1);
    }
}

// --- to here ---
