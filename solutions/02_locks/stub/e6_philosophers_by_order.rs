//! 02.6 (repair): a table at which everybody gets to eat.
//!
//! Philosophers sit at a round table; between each two of them lies a fork. `dine`
//! takes the two forks beside a seat, eats, and puts them down again.
//!
//! Goal: whoever wants to eat gets to eat, as long as no meal lasts for ever.
//!
//! - Two neighbours never eat at the same time: they share a fork.
//! - Two who share no fork can eat at the same time, if nobody else is at the table. One
//!   lock for the whole table, held during the meal, won't do.
//! - Who waits for a fork, sleeps until it is there; it does not ask again and again.
//! - `eat` may panic. The panic goes on to whoever called `dine`; the forks are put down,
//!   and the neighbours can still use them.
//!
//! The code below has two faults. Edit between the markers only. About 6 lines change,
//! 10 minutes. Stuck? `cargo hint 02.6`, three levels.
//!
//! A failing run prints the interleaving in columns, and for instance:
//! ```text
//! DEADLOCK: main waits at e6_philosophers_by_order.rs:53 for forks#2, which thread 1
//! holds; thread 1 waits at e6_philosophers_by_order.rs:53 for forks, which main holds
//! ```
//! There `forks` is the first of them, fork 0, and `forks#2` the next one, fork 1.

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
        let _left = self.forks[left].lock().unwrap();
        let _right = self.forks[right].lock().unwrap();
        eat();
    }
}

// --- to here ---
