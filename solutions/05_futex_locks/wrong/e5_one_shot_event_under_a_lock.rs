//! the model must say: that is somebody else's lock or queue
//!
//! A condition variable: right, and another exercise.

// --- edit from here ---

use super::ground::sync::{Condvar, Mutex};
use super::ground::time::Duration;

#[derive(Debug)]
pub struct Event {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    pub fn new() -> Self {
        Self {
            set: Mutex::new(false),
            changed: Condvar::new(),
        }
    }

    pub fn set(&self) {
        *self.set.lock().unwrap() = true;
        self.changed.notify_all();
    }

    pub fn is_set(&self) -> bool {
        *self.set.lock().unwrap()
    }

    pub fn wait(&self) {
        let set = self.set.lock().unwrap();
        drop(self.changed.wait_while(set, |set| !*set).unwrap());
    }

    pub fn wait_timeout(&self, limit: Duration) -> bool {
        let set = self.set.lock().unwrap();
        let waited = self.changed.wait_timeout_while(set, limit, |set| !*set);
        *waited.unwrap().0
    }
}

// --- to here ---
