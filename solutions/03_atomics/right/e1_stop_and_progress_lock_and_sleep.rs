//! Right: no atomics at all: `wait` sleeps under a lock. Dearer for the workers, and cheaper for who waits long.

// --- edit from here ---

use super::ground::sync::{Condvar, Mutex};

/// What the workers of a job and its observer share.
#[derive(Debug)]
pub struct Job {
    /// Whether it was stopped, and how many are done.
    state: Mutex<(bool, u32)>,
    changed: Condvar,
    total: u32,
}

impl Job {
    /// A job of `total` items, none of which is finished.
    pub fn new(total: u32) -> Self {
        Self {
            state: Mutex::new((false, 0)),
            changed: Condvar::new(),
            total,
        }
    }

    /// Tells the workers to stop.
    pub fn stop(&self) {
        self.state.lock().unwrap().0 = true;
        self.changed.notify_all();
    }

    /// Whether the workers were told to stop.
    pub fn is_stopped(&self) -> bool {
        self.state.lock().unwrap().0
    }

    /// Reports that `items` more are finished.
    pub fn advance(&self, items: u32) {
        let mut state = self.state.lock().unwrap();
        state.1 = state.1.saturating_add(items).min(self.total);
        self.changed.notify_all();
    }

    /// How many items are finished.
    pub fn done(&self) -> u32 {
        self.state.lock().unwrap().1
    }

    /// Waits until `goal` items are finished, or the job is stopped; returns whether they
    /// are finished. `goal` is at most what `new` was told.
    pub fn wait(&self, goal: u32) -> bool {
        let mut state = self.state.lock().unwrap();
        while state.1 < goal && !state.0 {
            state = self.changed.wait(state).unwrap();
        }
        state.1 >= goal
    }
}

// --- to here ---
