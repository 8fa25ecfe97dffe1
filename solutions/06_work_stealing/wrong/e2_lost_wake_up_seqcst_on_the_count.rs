//! the model must say: LOST WAKE-UP: thread 1 sleeps at e2_lost_wake_up_seqcst_on_the_count.rs
//!
//! The count is SeqCst, and the jobs are not.

#[path = "../../../exercises/06_work_stealing/given/bag.rs"]
pub mod given;

use given::{Bag, Found};

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Relaxed, SeqCst},
};
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
        if self.ring() {
            futex::wake_one(&self.bell);
        }
        Ok(())
    }

    /// No more jobs will come.
    pub fn close(&self) {
        self.jobs.close();
        if self.ring() {
            futex::wake_all(&self.bell);
        }
    }

    /// Waits for a job. `None`: there will be none.
    pub fn next(&self) -> Option<u32> {
        loop {
            if let Some(end) = self.look() {
                return end;
            }
            let seen = self.bell.load(Relaxed);
            self.sleepers.fetch_add(1, SeqCst);
            let found = self.look();
            if found.is_none() {
                futex::wait(&self.bell, seen);
            }
            self.sleepers.fetch_sub(1, Relaxed);
            if let Some(end) = found {
                return end;
            }
        }
    }

    /// A job, or that there will be none; or neither.
    fn look(&self) -> Option<Option<u32>> {
        match self.jobs.take() {
            Found::Job(job) => Some(Some(job)),
            Found::End => Some(None),
            Found::Nothing => None,
        }
    }

    /// Another number, if somebody sleeps. Called by whoever has brought something.
    fn ring(&self) -> bool {
        let sleeps = self.sleepers.load(SeqCst) > 0;
        if sleeps {
            self.bell.fetch_add(1, Relaxed);
        }
        sleeps
    }
}

// --- to here ---
