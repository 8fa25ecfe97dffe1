//! the model must say: and the notification at e3_semaphore_atomic_in_two_steps.rs:88 found nobody asleep
//!
//! An atomic number, and a look that is too old.

// --- edit from here ---

use super::ground::atomic::{AtomicUsize, Ordering::SeqCst};
use super::ground::sync::{Condvar, Mutex};
use super::ground::time::Duration;

/// A number of permits.
#[derive(Debug)]
pub struct Semaphore {
    free: AtomicUsize,
    sleepers: Mutex<()>,
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
            free: AtomicUsize::new(permits),
            sleepers: Mutex::new(()),
            changed: Condvar::new(),
        }
    }

    /// How many are free just now.
    pub fn available(&self) -> usize {
        // ORDERING: SeqCst, with all the others.
        self.free.load(SeqCst)
    }

    /// Waits until `count` permits are free, and takes them.
    pub fn acquire(&self, count: usize) -> Permits<'_> {
        loop {
            if let Some(permits) = self.try_acquire(count) {
                return permits;
            }
            let sleepers = self.sleepers.lock().unwrap();
            let _woken = self.changed.wait(sleepers).unwrap();
        }
    }

    /// Takes `count` permits if so many are free now.
    pub fn try_acquire(&self, count: usize) -> Option<Permits<'_>> {
        // ORDERING: SeqCst, with all the others.
        self.free
            .fetch_update(SeqCst, SeqCst, |free| free.checked_sub(count))
            .ok()?;
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
        let sleepers = self.sleepers.lock().unwrap();
        let few = |_: &mut ()| self.available() < count;
        drop(
            self.changed
                .wait_timeout_while(sleepers, limit, few)
                .unwrap(),
        );
        self.try_acquire(count)
    }
}

impl Drop for Permits<'_> {
    fn drop(&mut self) {
        // ORDERING: SeqCst, with all the others.
        self.semaphore.free.fetch_add(self.count, SeqCst);
        self.semaphore.changed.notify_all();
    }
}

// --- to here ---
