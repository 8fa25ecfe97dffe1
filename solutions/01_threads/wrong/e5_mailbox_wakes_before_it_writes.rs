//! must say: does put wake the owner before the letter is in, and not again when it is?
//!
//! A `take` that is right, and a `put` that wakes a sleeper before the letter is in.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::atomic::{AtomicBool, Ordering::SeqCst};
use super::ground::sync::Mutex;
use super::ground::thread::{self, Thread};

/// Letters for one thread.
#[derive(Debug)]
pub struct Mailbox<T> {
    owner: Thread,
    letters: Mutex<VecDeque<T>>,
    asleep: AtomicBool,
}

impl<T> Mailbox<T> {
    /// An empty mailbox, from which only `owner` will take.
    pub fn new(owner: Thread) -> Self {
        Self {
            owner,
            letters: Mutex::new(VecDeque::new()),
            asleep: AtomicBool::new(false),
        }
    }

    /// Puts in the letter that `write` makes, and wakes the owner if it sleeps.
    pub fn put(&self, write: impl FnOnce() -> T) {
        // ORDERING: SeqCst. Ends the sleep that `take` announced.
        if self.asleep.swap(false, SeqCst) {
            self.owner.unpark();
        }
        let letter = write();
        self.letters.lock().unwrap().push_back(letter);
    }

    /// Takes the oldest letter out, and sleeps until there is one. Calls `idle`
    /// before it goes to sleep.
    pub fn take(&self, mut idle: impl FnMut()) -> T {
        loop {
            if let Some(letter) = self.letters.lock().unwrap().pop_front() {
                return letter;
            }
            idle();
            // ORDERING: SeqCst. Announces the sleep to `put`, which turns it off.
            self.asleep.store(true, SeqCst);
            // Look once more: a letter may have come before the announcement.
            if let Some(letter) = self.letters.lock().unwrap().pop_front() {
                // ORDERING: SeqCst. No sleep after all; read by `put`.
                self.asleep.store(false, SeqCst);
                return letter;
            }
            // ORDERING: SeqCst. Turned off by `put`.
            while self.asleep.load(SeqCst) {
                thread::park();
            }
        }
    }
}

// --- to here ---
