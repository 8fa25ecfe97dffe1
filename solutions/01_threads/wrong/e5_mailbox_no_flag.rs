//! must say: which another thread puts while take sleeps: does put wake the owner, or does it wait
//!
//! Forgets to say that it sleeps, so that nobody ever wakes it.

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
        let letter = write();
        self.letters.lock().unwrap().push_back(letter);
        // After the letter is in. Either the owner's look, in `take`, comes after
        // the push and finds it, or it came before, and then so did its store to
        // `asleep`.
        // ORDERING: SeqCst. Reads what the owner wrote in `take`; the lock orders
        // the two, so Relaxed would do.
        if self.asleep.load(SeqCst) {
            self.owner.unpark();
        }
    }

    /// Takes the oldest letter out, and sleeps until there is one. Calls `idle`
    /// before it goes to sleep.
    pub fn take(&self, mut idle: impl FnMut()) -> T {
        loop {
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
