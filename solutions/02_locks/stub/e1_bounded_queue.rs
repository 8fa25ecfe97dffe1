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
    not_full: Condvar,
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
        state.items.push_back(item);
        todo!(
            "before this, wait on {:?} for one of {} places, unless it is closed",
            self.not_full,
            self.capacity
        )
    }

    /// Takes the oldest item, and waits until there is one. `None`: the queue is closed,
    /// and nothing is left in it.
    pub fn pop(&self) -> Option<T> {
        todo!("wait on {:?}, then take the oldest item", self.not_empty)
    }

    /// Ends it: nothing more goes in, and all who wait are told.
    pub fn close(&self) {
        let closed = self.state.lock().unwrap().closed;
        todo!("close it (closed already: {closed}), and wake all who wait")
    }
}

// --- to here ---
