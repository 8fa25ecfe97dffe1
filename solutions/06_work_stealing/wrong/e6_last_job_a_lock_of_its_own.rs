//! must say: line 7 uses Mutex: what is asked for here waits for no lock
//!
//! A mutex has no orderings to choose.

// --- edit from here ---

use super::ground::sync::Mutex;
use std::collections::VecDeque;

pub const ROOM: usize = 4;

pub struct Deque {
    jobs: Mutex<VecDeque<u32>>,
}

impl Deque {
    pub fn new() -> Self {
        Self {
            jobs: Mutex::new(VecDeque::new()),
        }
    }

    pub fn push(&self, job: u32) {
        self.jobs.lock().unwrap().push_back(job);
    }

    pub fn pop(&self) -> Option<u32> {
        self.jobs.lock().unwrap().pop_back()
    }

    pub fn steal(&self) -> Option<u32> {
        self.jobs.lock().unwrap().pop_front()
    }
}

// --- to here ---
