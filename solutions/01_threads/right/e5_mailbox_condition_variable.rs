//! Right: a condition variable instead of parking; it looks again after `idle`.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::sync::{Condvar, Mutex};
use super::ground::thread::Thread;

/// Letters for one thread.
#[derive(Debug)]
pub struct Mailbox<T> {
    letters: Mutex<VecDeque<T>>,
    came: Condvar,
}

impl<T> Mailbox<T> {
    /// An empty mailbox, from which only `owner` will take.
    pub fn new(_owner: Thread) -> Self {
        Self {
            letters: Mutex::new(VecDeque::new()),
            came: Condvar::new(),
        }
    }

    /// Puts in the letter that `write` makes, and wakes the owner if it sleeps.
    pub fn put(&self, write: impl FnOnce() -> T) {
        let letter = write();
        self.letters.lock().unwrap().push_back(letter);
        self.came.notify_one();
    }

    /// Takes the oldest letter out, and sleeps until there is one. Calls `idle`
    /// before it goes to sleep.
    pub fn take(&self, mut idle: impl FnMut()) -> T {
        let mut letters = self.letters.lock().unwrap();
        loop {
            if let Some(letter) = letters.pop_front() {
                return letter;
            }
            drop(letters);
            idle();
            letters = self.letters.lock().unwrap();
            if letters.is_empty() {
                letters = self.came.wait(letters).unwrap();
            }
        }
    }
}

// --- to here ---
