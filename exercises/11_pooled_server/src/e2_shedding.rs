//! 11.2 (implement): a queue that says no.
//!
//! Loops hand requests over to handler threads. If more come than the handlers can take, they
//! wait, and so does everybody who comes later; a queue without an end only hides that from
//! whoever watches the server, not from its clients. So the queue has a capacity, and what
//! does not fit is told so at once, by a 503. Exactly that, and not one more.
//!
//! Goal:
//!
//! - A job is accepted if a thread is free for it, or else if fewer than `cap` wait already. A
//!   thread is free if it has no job: from the beginning, whether it has come to `take` or is
//!   still on its way there, and again from its `done` on. A job that waits only until its
//!   free thread has come for it does not count for `cap`.
//! - `push` accepts what it can, from the front of `batch`. The others stay in `batch`, in
//!   their order. It waits for nobody.
//! - `take` is called by each thread, again and again: it gives away what was accepted, the
//!   oldest first, and sleeps while there is nothing. No job waits while a thread sleeps,
//!   however many come at once. When its job is finished a thread calls `done`, and only then
//!   sends the answer: whoever has seen that, and asks again, finds it free.
//! - After `close` nothing is accepted any more. What was accepted is given away, and then
//!   `take` returns `None`, to each thread.
//! - `cap` may be 0: nobody waits. Or `usize::MAX`: nobody is refused.
//!
//! Edit between the markers only. About 35 lines, 25 minutes. The fields are a suggestion.
//! Stuck? `cargo hint 11.2`, three levels.
//!
//! A failing run prints a sentence, and perhaps an interleaving; for instance
//! ```text
//! cap 0, 2 threads, nobody has called take() so far: push([1, 2, 3]) accepted [], and it has
//! to be [1, 2]
//! ```

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::Named as _;
use super::ground::sync::{Condvar, Mutex};

/// What loops and handler threads share.
#[derive(Debug)]
pub struct Dispatch<J> {
    cap: usize,
    threads: usize,
    state: Mutex<State<J>>,
    /// A job has come, or the end.
    came: Condvar,
}

#[derive(Debug)]
struct State<J> {
    /// The oldest first.
    waiting: VecDeque<J>,
    is_closed: bool,
}

impl<J> Dispatch<J> {
    /// For so many threads, all of which are free; `cap` jobs may wait for one.
    pub fn new(cap: usize, threads: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            is_closed: false,
        };
        Self {
            cap,
            threads,
            state: Mutex::new(state).named("state"),
            came: Condvar::new().named("came"),
        }
    }

    /// Accepts what there is room for, from the front of `batch`.
    pub fn push(&self, batch: &mut Vec<J>) {
        let (cap, threads) = (self.cap, self.threads);
        todo!(
            "accept some of {}: {threads} threads, and {cap} may wait",
            batch.drain(..).count()
        )
    }

    /// Called by each thread, again and again: its next job. `None`: it may end.
    pub fn take(&self) -> Option<J> {
        let state = self.state.lock().unwrap();
        todo!(
            "take one of {}, or sleep on {:?}",
            state.waiting.len(),
            self.came
        )
    }

    /// The job of the thread that calls is finished.
    pub fn done(&self) {
        todo!("one of {} threads is free again", self.threads)
    }

    /// From now on nothing is accepted.
    pub fn close(&self) {
        let state = self.state.lock().unwrap();
        todo!("close it, and wake who sleeps: {}", state.is_closed)
    }
}

// --- to here ---
