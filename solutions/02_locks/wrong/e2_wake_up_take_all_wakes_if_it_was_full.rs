//! must say: e2_wake_up_take_all_wakes_if_it_was_full.rs:35, in wait(has_room)
//!
//! Wakes the bakers only if all places were taken.

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
        while loaves.len() == self.places {
            loaves = self.has_room.wait(loaves).unwrap();
        }
        loaves.push_back(loaf);
        self.has_bread.notify_one();
    }

    /// Takes the oldest loaf, and waits until there is one.
    pub fn take(&self) -> T {
        let mut loaves = self.loaves.lock().unwrap();
        while loaves.is_empty() {
            loaves = self.has_bread.wait(loaves).unwrap();
        }
        let loaf = loaves.pop_front();
        self.has_room.notify_one();
        drop(loaves);
        loaf.expect("there was bread, and the lock was held")
    }

    /// Takes all that is there, which may be nothing, and waits for nobody.
    pub fn take_all(&self) -> Vec<T> {
        let mut loaves = self.loaves.lock().unwrap();
        let all: Vec<T> = loaves.drain(..).collect();
        if all.len() == self.places {
            self.has_room.notify_all();
        }
        all
    }
}

// --- to here ---
