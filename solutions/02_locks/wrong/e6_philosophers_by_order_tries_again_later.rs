//! the model must say: does not sleep, at e6_philosophers_by_order_tries_again_later.rs:39
//!
//! Puts the first fork down if the second is taken, and sleeps a little.

// --- edit from here ---

use std::time::Duration;

use super::ground::sync::{Mutex, PoisonError, TryLockError};
use super::ground::thread;

/// A round table. The fork to the left of seat 2 is fork 2, the one to its right fork 3;
/// to the right of the last seat is fork 0.
#[derive(Debug)]
pub struct Table {
    forks: Vec<Mutex<()>>,
}

impl Table {
    /// A table with so many seats, two at the least, and as many forks.
    pub fn new(seats: usize) -> Self {
        assert!(seats >= 2, "nobody can eat with one fork");
        Self {
            forks: (0..seats).map(|_| Mutex::new(())).collect(),
        }
    }

    /// Takes both forks, eats, and puts them down.
    pub fn dine(&self, seat: usize, eat: impl FnOnce()) {
        let left = seat;
        let right = (seat + 1) % self.forks.len();
        loop {
            let left = self.forks[left]
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            match self.forks[right].try_lock() {
                Err(TryLockError::WouldBlock) => {
                    drop(left);
                    thread::sleep(Duration::from_millis(1));
                }
                _right => {
                    eat();
                    return;
                }
            }
        }
    }
}

// --- to here ---
