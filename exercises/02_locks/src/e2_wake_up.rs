//! 02.2 (repair): a shelf beside which people starve.
//!
//! Bakers put loaves on a shelf, and customers take them, in the order in which they
//! were baked. Who finds no room, or no bread, sleeps. Now and then somebody takes all
//! that is there.
//!
//! Goal: nobody sleeps beside what it waits for, and nobody is woken into what is not
//! there.
//!
//! - There are never more loaves on the shelf than it has places.
//! - `take` returns a loaf, always.
//! - As long as there is room, no baker sleeps on; as long as there is bread, no
//!   customer does. Somebody who has been woken and is on its way counts as awake.
//! - Who waits, sleeps until it is woken; it does not ask again and again.
//!
//! The code below has three kinds of fault, one of them twice, and passes nearly every
//! test on real threads. The model checker finds each.
//!
//! Edit between the markers only. About 4 lines change, 10 minutes.
//! Stuck? `cargo hint 02.2`, three levels.
//!
//! A failing run prints the interleaving in columns, and for instance:
//! ```text
//! ASSERTION: take was woken, and there is no bread
//! ```

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::sync::{Condvar, Mutex};

/// A shelf with a few places.
#[derive(Debug)]
pub struct Shelf<T> {
    places: usize,
    loaves: Mutex<VecDeque<T>>,
    has_room: Condvar,
    has_bread: Condvar,
}

impl<T> Shelf<T> {
    /// An empty shelf.
    pub fn new(places: usize) -> Self {
        Self {
            places,
            loaves: Mutex::new(VecDeque::new()),
            has_room: Condvar::new(),
            has_bread: Condvar::new(),
        }
    }

    /// Puts a loaf on the shelf, and waits for room first.
    pub fn put(&self, loaf: T) {
        let mut loaves = self.loaves.lock().unwrap();
        if loaves.len() == self.places {
            loaves = self.has_room.wait(loaves).unwrap();
        }
        loaves.push_back(loaf);
        // Nobody waits for bread while there is some.
        if loaves.len() == 1 {
            self.has_bread.notify_one();
        }
    }

    /// Takes the oldest loaf, and waits until there is one.
    pub fn take(&self) -> T {
        let mut loaves = self.loaves.lock().unwrap();
        if loaves.is_empty() {
            loaves = self.has_bread.wait(loaves).unwrap();
        }
        let loaf = loaves.pop_front();
        self.has_room.notify_one();
        drop(loaves);
        loaf.expect("take was woken, and there is no bread")
    }

    /// Takes all that is there, which may be nothing, and waits for nobody.
    pub fn take_all(&self) -> Vec<T> {
        let mut loaves = self.loaves.lock().unwrap();
        let all = loaves.drain(..).collect();
        self.has_room.notify_one();
        all
    }
}

// --- to here ---
