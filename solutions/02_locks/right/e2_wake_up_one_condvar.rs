//! Right: one condition variable, and everybody is woken each time.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::sync::{Condvar, Mutex};

/// A shelf with a few places.
#[derive(Debug)]
pub struct Shelf<T> {
    places: usize,
    loaves: Mutex<VecDeque<T>>,
    changed: Condvar,
}

impl<T> Shelf<T> {
    /// An empty shelf.
    pub fn new(places: usize) -> Self {
        Self {
            places,
            loaves: Mutex::new(VecDeque::new()),
            changed: Condvar::new(),
        }
    }

    /// Puts a loaf on the shelf, and waits for room first.
    pub fn put(&self, loaf: T) {
        let mut loaves = self.loaves.lock().unwrap();
        while loaves.len() == self.places {
            loaves = self.changed.wait(loaves).unwrap();
        }
        loaves.push_back(loaf);
        self.changed.notify_all();
    }

    /// Takes the oldest loaf, and waits until there is one.
    pub fn take(&self) -> T {
        let mut loaves = self.loaves.lock().unwrap();
        while loaves.is_empty() {
            loaves = self.changed.wait(loaves).unwrap();
        }
        let loaf = loaves.pop_front();
        self.changed.notify_all();
        drop(loaves);
        loaf.expect("there was bread, and the lock was held")
    }

    /// Takes all that is there, which may be nothing, and waits for nobody.
    pub fn take_all(&self) -> Vec<T> {
        let mut loaves = self.loaves.lock().unwrap();
        let all = loaves.drain(..).collect();
        self.changed.notify_all();
        all
    }
}

// --- to here ---
