//! the model must say: nobody has ever waited, and at e6_lost_wake_up_under_a_lock.rs
//!
//! A condition variable: right, and another exercise.

// --- edit from here ---

use super::ground::sync::{Condvar, Mutex};

#[derive(Debug)]
pub struct Progress {
    done: Mutex<u32>,
    more: Condvar,
}

impl Progress {
    pub fn new() -> Self {
        Self {
            done: Mutex::new(0),
            more: Condvar::new(),
        }
    }

    pub fn advance(&self) {
        *self.done.lock().unwrap() += 1;
        self.more.notify_all();
    }

    pub fn wait_for(&self, step: u32) {
        let done = self.done.lock().unwrap();
        drop(self.more.wait_while(done, |done| *done < step).unwrap());
    }
}

// --- to here ---
