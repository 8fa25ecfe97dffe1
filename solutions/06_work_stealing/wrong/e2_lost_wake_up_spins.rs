//! the model must say: a worker in next, with no job, does not sleep
//!
//! Asks again and again.

#[path = "../../../exercises/06_work_stealing/given/bag.rs"]
pub mod given;

use given::{Bag, Found};

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Relaxed, SeqCst},
    fence,
};
use super::ground::{futex, hint};

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
            hint::spin_loop();
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
        fence(SeqCst);
        let sleeps = self.sleepers.load(Relaxed) > 0;
        if sleeps {
            self.bell.fetch_add(1, Relaxed);
        }
        sleeps
    }
}

// --- to here ---
