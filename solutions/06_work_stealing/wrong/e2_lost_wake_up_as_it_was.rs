//! the model must say: LOST WAKE-UP: thread 1 sleeps at e2_lost_wake_up_as_it_was.rs
//!
//! All three faults.

#[path = "../../../exercises/06_work_stealing/given/bag.rs"]
pub mod given;

use given::{Bag, Found};

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{AtomicU32, Ordering::Relaxed};
use super::ground::futex;

/// Jobs, and workers who wait for them.
#[derive(Debug)]
pub struct Pool {
    jobs: Bag,
    /// How many workers sleep, or are about to.
    sleepers: AtomicU32,
    /// What they sleep on: another number after each call.
    bell: AtomicU32,
}

impl Pool {
    /// A pool without jobs.
    pub fn new() -> Self {
        Self {
            jobs: Bag::new(),
            sleepers: AtomicU32::new(0).named("sleepers"),
            bell: AtomicU32::new(0).named("bell"),
        }
    }

    /// Hands a job to the workers; gives it back if it is there already.
    pub fn push(&self, job: u32) -> Result<(), u32> {
        self.jobs.push(job)?;
        self.ring();
        Ok(())
    }

    /// No more jobs will come.
    pub fn close(&self) {
        self.jobs.close();
        self.ring();
    }

    /// Waits for a job. `None`: there will be none.
    pub fn next(&self) -> Option<u32> {
        loop {
            match self.jobs.take() {
                Found::Job(job) => return Some(job),
                Found::End => return None,
                Found::Nothing => {}
            }
            self.sleepers.fetch_add(1, Relaxed);
            let seen = self.bell.load(Relaxed);
            futex::wait(&self.bell, seen);
            self.sleepers.fetch_sub(1, Relaxed);
        }
    }

    /// Wakes a worker, if one sleeps.
    fn ring(&self) {
        if self.sleepers.load(Relaxed) > 0 {
            self.bell.fetch_add(1, Relaxed);
            futex::wake_one(&self.bell);
        }
    }
}

// --- to here ---
