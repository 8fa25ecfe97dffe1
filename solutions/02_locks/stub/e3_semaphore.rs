//! 02.3 (implement): permits for as many as there are.
//!
//! A semaphore has a number of permits. Whoever wants to do something of which only so
//! much can go on at a time, takes one or several first, and gives them back after.
//!
//! Goal: permits that are never lost, and nobody who sleeps beside enough of them.
//!
//! - `acquire(count)` sleeps until `count` permits are free, and takes them all at once:
//!   who waits for two holds none meanwhile.
//! - `try_acquire` does not wait, and takes nothing if there are too few.
//! - `acquire_timeout` gives up when `limit` is over, however often it was woken before.
//!   A limit may be as long as `Duration::MAX`.
//! - [`Permits`] go back when they are dropped, in whatever way.
//! - Nobody sleeps on while there are enough for it: whoever needs one does not queue
//!   behind somebody who needs two.
//! - Who waits, sleeps until it is woken; it does not ask again and again.
//!
//! The fields below are a suggestion: change them, and build on whatever `super::ground`
//! has, its clock in `super::ground::time` included.
//!
//! Edit between the markers only. About 20 lines, 20 minutes.
//! Stuck? `cargo hint 02.3`, three levels.
//!
//! A failing run prints the interleaving in columns, and for instance:
//! ```text
//! LOST WAKE-UP: thread 2 sleeps at e3_semaphore.rs:66, in wait(changed); main waits at
//! model.rs:118 for the end of thread 2; nobody is left to wake anybody
//! ```

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
        let free = self.free.lock().unwrap();
        todo!("take {count} of {free} free permits, and wait for them first")
    }

    /// Takes `count` permits if so many are free now.
    pub fn try_acquire(&self, count: usize) -> Option<Permits<'_>> {
        let free = self.free.lock().unwrap();
        todo!("take {count} of {free} free permits, or none")
    }

    /// Waits until `count` permits are free, but not longer than `limit`, and takes
    /// them. `None`: time was up.
    pub fn acquire_timeout(
        &self,
        count: usize,
        limit: Duration,
    ) -> Option<Permits<'_>> {
        let free = self.free.lock().unwrap();
        todo!("take {count} of {free} free permits, and wait {limit:?} for them")
    }
}

impl Drop for Permits<'_> {
    fn drop(&mut self) {
        todo!("give {} back to {:?}", self.count, self.semaphore.changed)
    }
}

// --- to here ---
