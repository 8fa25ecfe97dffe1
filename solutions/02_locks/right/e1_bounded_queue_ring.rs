//! Right: a ring of fixed size, and numbers that count what was pushed and popped.

// --- edit from here ---

use super::ground::sync::{Condvar, Mutex};

/// A queue with a limit, for any number of threads.
#[derive(Debug)]
pub struct BoundedQueue<T> {
    state: Mutex<State<T>>,
    not_full: Condvar,
    not_empty: Condvar,
}

#[derive(Debug)]
struct State<T> {
    ring: Vec<Option<T>>,
    pushed: usize,
    popped: usize,
    closed: bool,
}

impl<T> BoundedQueue<T> {
    /// An empty queue for at most `capacity` items; 0 is refused with a panic.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a queue without room can't be used");
        Self {
            state: Mutex::new(State {
                ring: (0..capacity).map(|_| None).collect(),
                pushed: 0,
                popped: 0,
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
        loop {
            if state.closed {
                return Err(item);
            }
            let place = state.pushed % state.ring.len();
            if state.ring[place].is_none() {
                state.ring[place] = Some(item);
                state.pushed += 1;
                self.not_empty.notify_one();
                return Ok(());
            }
            state = self.not_full.wait(state).unwrap();
        }
    }

    /// Takes the oldest item, and waits until there is one. `None`: the queue is closed,
    /// and nothing is left in it.
    pub fn pop(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        loop {
            let place = state.popped % state.ring.len();
            if let Some(item) = state.ring[place].take() {
                state.popped += 1;
                self.not_full.notify_one();
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state = self.not_empty.wait(state).unwrap();
        }
    }

    /// Ends it: nothing more goes in, and all who wait are told.
    pub fn close(&self) {
        let mut state = self.state.lock().unwrap();
        state.closed = true;
        self.not_full.notify_all();
        self.not_empty.notify_all();
    }
}

// --- to here ---
