//! the model must say: uses Condvar: what is asked for here waits for no lock
//!
//! A lock around all of it: right, and another exercise.

#[path = "../../../exercises/06_work_stealing/given/queue.rs"]
pub mod given;

// --- edit from here ---

use super::ground::sync::{Condvar, Mutex};

pub struct Pool<J> {
    inner: Mutex<(Vec<J>, bool)>,
    bell: Condvar,
}

impl<J> Pool<J> {
    pub fn new() -> Self {
        Self {
            inner: Mutex::new((Vec::new(), false)),
            bell: Condvar::new(),
        }
    }

    pub fn spawn(&self, job: J) -> Result<(), J> {
        let mut inner = self.inner.lock().unwrap();
        if inner.1 {
            return Err(job);
        }
        inner.0.push(job);
        self.bell.notify_one();
        Ok(())
    }

    pub fn next(&self) -> Option<J> {
        let mut inner = self.inner.lock().unwrap();
        while inner.0.is_empty() && !inner.1 {
            inner = self.bell.wait(inner).unwrap();
        }
        inner.0.pop()
    }

    pub fn shutdown(&self) {
        self.inner.lock().unwrap().1 = true;
        self.bell.notify_all();
    }

    pub fn shutdown_now(&self) -> Vec<J> {
        self.shutdown();
        std::mem::take(&mut self.inner.lock().unwrap().0)
    }
}

// --- to here ---
