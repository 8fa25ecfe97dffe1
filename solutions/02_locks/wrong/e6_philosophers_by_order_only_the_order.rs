//! the model must say: called `Result::unwrap()` on an `Err` value: PoisonError
//!
//! Mends the order, and not what a panic leaves.

// --- edit from here ---

use super::ground::sync::Mutex;

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
        let (first, second) = (left.min(right), left.max(right));
        let _first = self.forks[first].lock().unwrap();
        let _second = self.forks[second].lock().unwrap();
        eat();
    }
}

// --- to here ---
