//! must say: the letters 1, 2 and 3 were put in that order, but take 1 gave letter 3
//!
//! Throws away what was in the mailbox before.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::sync::Mutex;
use super::ground::thread::{self, Thread};

/// Letters for one thread.
#[derive(Debug)]
pub struct Mailbox<T> {
    owner: Thread,
    letters: Mutex<VecDeque<T>>,
}

impl<T> Mailbox<T> {
    /// An empty mailbox, from which only `owner` will take.
    pub fn new(owner: Thread) -> Self {
        Self {
            owner,
            letters: Mutex::new(VecDeque::new()),
        }
    }

    /// Puts in the letter that `write` makes, and wakes the owner if it sleeps.
    pub fn put(&self, write: impl FnOnce() -> T) {
        let letter = write();
        let mut letters = self.letters.lock().unwrap();
        letters.truncate(0);
        letters.push_back(letter);
        drop(letters);
        self.owner.unpark();
    }

    /// Takes the oldest letter out, and sleeps until there is one. Calls `idle`
    /// before it goes to sleep.
    pub fn take(&self, mut idle: impl FnMut()) -> T {
        while self.letters.lock().unwrap().is_empty() {
            idle();
            thread::park();
        }
        self.letters.lock().unwrap().pop_front().unwrap()
    }
}

// --- to here ---
