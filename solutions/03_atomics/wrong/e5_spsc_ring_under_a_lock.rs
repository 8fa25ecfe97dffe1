//! must say: uses Mutex: what is asked for here waits for no lock
//!
//! A queue under a lock: right, and another exercise.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::sync::Mutex;

/// A ring of slots.
#[derive(Debug)]
pub struct Ring<T> {
    values: Mutex<VecDeque<T>>,
    slots: usize,
}

impl<T> Ring<T> {
    /// A ring with `slots` slots, a power of two, whose counts begin at `start`.
    pub fn new(slots: usize, _start: usize) -> Self {
        Self {
            values: Mutex::new(VecDeque::with_capacity(slots)),
            slots,
        }
    }

    /// Puts `value` in, or gives it back if the ring is full. Called by one thread.
    pub fn push(&self, value: T) -> Result<(), T> {
        let mut values = self.values.lock().unwrap();
        if values.len() == self.slots {
            return Err(value);
        }
        values.push_back(value);
        Ok(())
    }

    /// Takes the oldest value out, or says `None` if there is none. Called by one thread.
    pub fn pop(&self) -> Option<T> {
        self.values.lock().unwrap().pop_front()
    }
}

// --- to here ---
