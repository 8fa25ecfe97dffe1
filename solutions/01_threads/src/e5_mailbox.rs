//! 01.5 (repair): a mailbox whose owner sleeps through its letters.
//!
//! Any thread may put letters into a mailbox; its owner, one thread, takes them out,
//! in the order in which they came, and sleeps while there is none.
//!
//! Goal: `take` returns a letter, always, and as soon as there is one:
//!
//! - `park` promises little. It also returns if a token was left from an `unpark`
//!   long ago (ten of them leave one token), or for no reason at all.
//! - No letter may come between the owner's last look and its sleep without waking
//!   it.
//! - Who is woken must find what it was woken for.
//!
//! `put` makes its letter by `write`, and `take` calls `idle` before it goes to sleep
//! on an empty mailbox. Both may take their time, and may put letters themselves: no
//! lock may be held during either. (The graders use both, to do something at the
//! worst moment.) The owner sleeps until it is woken: it does not ask again and
//! again, nor from time to time.
//!
//! The code below has three faults, and works most of the time. Edit between the
//! markers only. About 8 lines change, 15 minutes. Stuck? `cargo hint 01.5`, three
//! levels.
//!
//! A failing run prints, for instance:
//! ```text
//! not finished after 15 s; the grader was taking a letter that is put after take
//! has looked and before it sleeps: does put wake an owner who is about to sleep?
//! ```

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
