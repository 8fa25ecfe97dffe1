//! the model must say: e1_bounded_queue_one_condvar_notify_one.rs:44, in wait(changed); thread 2 sleeps at
//!
//! One condition variable for both kinds: a push may wake another push.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::sync::{Condvar, Mutex};

/// A queue with a limit, for any number of threads.
#[derive(Debug)]
pub struct BoundedQueue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
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
            changed: Condvar::new(),
        }
    }

    /// Adds an item at the end, and waits for room first. `Err` gives the item back:
    /// the queue is closed.
    pub fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.state.lock().unwrap();
        while state.items.len() == self.capacity && !state.closed {
            state = self.changed.wait(state).unwrap();
        }
        if state.closed {
            return Err(item);
        }
        state.items.push_back(item);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes the oldest item, and waits until there is one. `None`: the queue is closed,
    /// and nothing is left in it.
    pub fn pop(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state = self.changed.wait(state).unwrap();
        }
        let item = state.items.pop_front()?;
        self.changed.notify_one();
        Some(item)
    }

    /// Ends it: nothing more goes in, and all who wait are told.
    pub fn close(&self) {
        self.state.lock().unwrap().closed = true;
        self.changed.notify_all();
    }
}

// --- to here ---
