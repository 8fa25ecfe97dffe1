//! the model must say: e6_philosophers_by_order_wakes_one_neighbour.rs:39, in wait(put_down)
//!
//! One lock for all forks, held only to look; two wait for a meal to end, and one is woken.

// --- edit from here ---

use super::ground::sync::{Condvar, Mutex};

/// A round table. The fork to the left of seat 2 is fork 2, the one to its right fork 3;
/// to the right of the last seat is fork 0.
#[derive(Debug)]
pub struct Table {
    taken: Mutex<Vec<bool>>,
    put_down: Condvar,
}

/// Puts both forks down, also in a panic.
struct Forks<'a> {
    table: &'a Table,
    forks: [usize; 2],
}

impl Table {
    /// A table with so many seats, two at the least, and as many forks.
    pub fn new(seats: usize) -> Self {
        assert!(seats >= 2, "nobody can eat with one fork");
        Self {
            taken: Mutex::new(vec![false; seats]),
            put_down: Condvar::new(),
        }
    }

    /// Takes both forks, eats, and puts them down.
    pub fn dine(&self, seat: usize, eat: impl FnOnce()) {
        let taken = self.taken.lock().unwrap();
        let forks = [seat, (seat + 1) % taken.len()];
        let one_is_taken =
            |taken: &mut Vec<bool>| forks.iter().any(|&fork| taken[fork]);
        let mut taken = self.put_down.wait_while(taken, one_is_taken).unwrap();
        for fork in forks {
            taken[fork] = true;
        }
        drop(taken);
        let _forks = Forks { table: self, forks };
        eat();
    }
}

impl Drop for Forks<'_> {
    fn drop(&mut self) {
        let mut taken = self.table.taken.lock().unwrap();
        for fork in self.forks {
            taken[fork] = false;
        }
        self.table.put_down.notify_one();
    }
}

// --- to here ---
