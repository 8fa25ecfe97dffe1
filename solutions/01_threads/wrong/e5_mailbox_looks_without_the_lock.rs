//! the model must say: LOST WAKE-UP: main is parked at e5_mailbox_looks_without_the_lock.rs
//!
//! Counts the letters beside the lock, to look without it. Release and Acquire let each of
//! the two threads read before its own store has reached the other: the owner sees no
//! letter, and the sender an owner who is awake. No test on real threads sees it.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::atomic::Ordering::{Acquire, Release};
use super::ground::atomic::{AtomicBool, AtomicUsize};
use super::ground::sync::Mutex;
use super::ground::thread::{self, Thread};

/// Letters for one thread.
#[derive(Debug)]
pub struct Mailbox<T> {
    /// The only thread that takes.
    owner: Thread,
    letters: Mutex<VecDeque<T>>,
    /// How many letters were ever put.
    put: AtomicUsize,
    /// How many letters were ever taken.
    taken: AtomicUsize,
    /// Whether the owner needs an `unpark`.
    asleep: AtomicBool,
}

impl<T> Mailbox<T> {
    /// An empty mailbox, from which only `owner` will take.
    pub fn new(owner: Thread) -> Self {
        Self {
            owner,
            letters: Mutex::new(VecDeque::new()),
            put: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            asleep: AtomicBool::new(false),
        }
    }

    /// Puts in the letter that `write` makes, and wakes the owner if it sleeps.
    pub fn put(&self, write: impl FnOnce() -> T) {
        let letter = write();
        self.letters.lock().unwrap().push_back(letter);
        self.put.fetch_add(1, Release);
        if self.asleep.load(Acquire) {
            self.owner.unpark();
        }
    }

    /// Takes the oldest letter out, and sleeps until there is one. Calls `idle`
    /// before it goes to sleep.
    pub fn take(&self, mut idle: impl FnMut()) -> T {
        let taken = self.taken.load(Acquire);
        loop {
            self.asleep.store(true, Release);
            if self.put.load(Acquire) > taken {
                self.asleep.store(false, Release);
                self.taken.store(taken + 1, Release);
                return self.letters.lock().unwrap().pop_front().unwrap();
            }
            idle();
            thread::park();
        }
    }
}

// --- to here ---
