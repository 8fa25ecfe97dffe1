//! the model must say: main waits at e6_philosophers_by_order_right_first.rs:33 for forks, which thread 1 holds
//!
//! The other way round, and so the same.

// --- edit from here ---

use super::ground::sync::{Mutex, PoisonError};

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
        let _right = self.forks[right]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let _left = self.forks[left]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        eat();
    }
}

// --- to here ---
