//! must say: Does put wake it when the letter is in?
//!
//! Wakes the owner first and writes the letter then.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::atomic::{AtomicBool, Ordering::SeqCst};
use super::ground::sync::Mutex;
use super::ground::thread::{self, Thread};

/// Letters for one thread.
#[derive(Debug)]
pub struct Mailbox<T> {
    /// The only thread that takes.
    owner: Thread,
    letters: Mutex<VecDeque<T>>,
    /// Whether the owner needs an `unpark`: it sleeps, or is about to.
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
        // ORDERING: SeqCst. Reads what the owner wrote in `take`.
        if self.asleep.load(SeqCst) {
            self.owner.unpark();
        }
        let letter = write();
        self.letters.lock().unwrap().push_back(letter);
    }

    /// Takes the oldest letter out, and sleeps until there is one. Calls `idle`
    /// before it goes to sleep.
    pub fn take(&self, mut idle: impl FnMut()) -> T {
        loop {
            // ORDERING: SeqCst. Read by `put`. Rejected: this store after the look.
            // A `put` in between sees an owner who is awake, and lets it go to
            // sleep.
            self.asleep.store(true, SeqCst);
            let letter = self.letters.lock().unwrap().pop_front();
            if let Some(letter) = letter {
                // ORDERING: SeqCst. Read by `put`; too late only costs an `unpark`.
                self.asleep.store(false, SeqCst);
                return letter;
            }
            idle();
            thread::park();
        }
    }
}

// --- to here ---
