//! 02.1 (implement): a queue that is full, empty, or closed.
//!
//! Some threads push, others pop, in the order in which items were pushed. What is in
//! between is limited, so that fast producers wait for slow consumers.
//!
//! Goal: three calls, from any number of threads.
//!
//! - `push` sleeps while the queue holds `capacity` items.
//! - `pop` sleeps while it holds none.
//! - `close` ends it for good. From then on each `push` gives its item back, also one
//!   that was asleep. `pop` still returns what is in the queue, and then `None`, also to
//!   one that was asleep.
//! - Who waits, sleeps until it is woken; it does not ask again and again.
//!
//! The fields below are a suggestion: change them, and build on whatever
//! `super::ground` has.
//!
//! Edit between the markers only. About 25 lines, 15 minutes.
//! Stuck? `cargo hint 02.1`, three levels.
//!
//! A failing run prints the interleaving in columns, and for instance:
//! ```text
//! LOST WAKE-UP: thread 1 sleeps at e1_bounded_queue.rs:75, in wait(not_empty), and the
//! notification at e1_bounded_queue.rs:69 found nobody asleep
//! ```

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::sync::{Condvar, Mutex};

/// A queue with a limit, for any number of threads.
#[derive(Debug)]
pub struct BoundedQueue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    /// For those that push.
    not_full: Condvar,
    /// For those that pop.
    not_empty: Condvar,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    closed: bool,
}

impl<T> BoundedQueue<T> {
    /// An empty queue for at most `capacity` items; 0 is refused with a panic.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a queue without room can't be used");
        Self {
            capacity,
            state: Mutex::new(State {
                items: VecDeque::new(),
                closed: false,
            }),
            not_full: Condvar::new(),
            not_empty: Condvar::new(),
        }
    }

    /// Adds an item at the end, and waits for room first. `Err` gives the item back:
    /// the queue is closed.
    pub fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.state.lock().unwrap();
        // Rejected: `if`. Between the wake-up and the lock, another thread may have
        // pushed; and a sleeper may wake for no reason.
        while state.items.len() == self.capacity && !state.closed {
            state = self.not_full.wait(state).unwrap();
        }
        if state.closed {
            return Err(item);
        }
        state.items.push_back(item);
        // One item is for one thread. With a single condition variable for both kinds
        // of sleepers this might wake another one that pushes, and must be notify_all.
        self.not_empty.notify_one();
        Ok(())
    }

    /// Takes the oldest item, and waits until there is one. `None`: the queue is closed,
    /// and nothing is left in it.
    pub fn pop(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state = self.not_empty.wait(state).unwrap();
        }
        let item = state.items.pop_front()?;
        self.not_full.notify_one();
        Some(item)
    }

    /// Ends it: nothing more goes in, and all who wait are told.
    pub fn close(&self) {
        self.state.lock().unwrap().closed = true;
        // This is true for everybody, and for good.
        self.not_full.notify_all();
        self.not_empty.notify_all();
    }
}

// --- to here ---
