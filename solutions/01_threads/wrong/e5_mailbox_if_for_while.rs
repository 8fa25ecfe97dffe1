//! the model must say: take was woken, but there is no letter in the mailbox
//!
//! Takes the return of `park` for a letter.

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
        self.letters.lock().unwrap().push_back(letter);
        self.owner.unpark();
    }

    /// Takes the oldest letter out, and sleeps until there is one. Calls `idle`
    /// before it goes to sleep.
    pub fn take(&self, mut idle: impl FnMut()) -> T {
        if self.letters.lock().unwrap().is_empty() {
            idle();
            thread::park();
        }
        let letter = self.letters.lock().unwrap().pop_front();
        letter.expect("take was woken, but there is no letter in the mailbox")
    }
}

// --- to here ---
