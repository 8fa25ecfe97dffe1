//! The room is a number that goes down with each job that is accepted, and up with each
//! that is done: an atomic beside the queue.

// --- edit from here ---

use std::collections::VecDeque;

use super::ground::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed},
};
use super::ground::sync::{Condvar, Mutex};

#[derive(Debug)]
pub struct Dispatch<J> {
    room: AtomicUsize,
    queue: Mutex<Option<VecDeque<J>>>,
    rest: Mutex<VecDeque<J>>,
    came: Condvar,
}

impl<J> Dispatch<J> {
    pub fn new(cap: usize, threads: usize) -> Self {
        Self {
            room: AtomicUsize::new(cap.saturating_add(threads)),
            queue: Mutex::new(Some(VecDeque::new())),
            rest: Mutex::new(VecDeque::new()),
            came: Condvar::new(),
        }
    }

    pub fn push(&self, batch: &mut Vec<J>) {
        let mut queue = self.queue.lock().unwrap();
        let Some(jobs) = queue.as_mut() else {
            return;
        };
        let taken = self.room.fetch_update(AcqRel, Acquire, |room| {
            Some(room - room.min(batch.len()))
        });
        let count = taken.unwrap().min(batch.len());
        jobs.extend(batch.drain(..count));
        drop(queue);
        for _ in 0..count {
            self.came.notify_one();
        }
    }

    pub fn take(&self) -> Option<J> {
        let mut queue = self.queue.lock().unwrap();
        loop {
            match queue.as_mut() {
                None => return self.rest.lock().unwrap().pop_front(),
                Some(jobs) => {
                    if let Some(job) = jobs.pop_front() {
                        return Some(job);
                    }
                }
            }
            queue = self.came.wait(queue).unwrap();
        }
    }

    pub fn done(&self) {
        self.room.fetch_add(1, AcqRel);
        let _ = self.room.load(Relaxed);
    }

    pub fn close(&self) {
        let mut queue = self.queue.lock().unwrap();
        if let Some(jobs) = queue.take() {
            *self.rest.lock().unwrap() = jobs;
        }
        drop(queue);
        self.came.notify_all();
    }
}
// --- to here ---
