//! Right: the lowest bit of the bell says that somebody sleeps, and the others are its number.

#[path = "../../../exercises/06_work_stealing/given/bag.rs"]
pub mod given;

use given::{Bag, Found};

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire},
};
use super::ground::futex;

/// Jobs, and workers who wait for them.
#[derive(Debug)]
pub struct Pool {
    jobs: Bag,
    /// Bit 0: somebody sleeps, or is about to. The others: how often it rang.
    bell: AtomicU32,
}

const SOMEBODY: u32 = 1;

impl Pool {
    /// A pool without jobs.
    pub fn new() -> Self {
        Self {
            jobs: Bag::new(),
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
            if let Some(end) = self.look() {
                return end;
            }
            let seen = self.bell.fetch_or(SOMEBODY, AcqRel) | SOMEBODY;
            if let Some(end) = self.look() {
                return end;
            }
            futex::wait(&self.bell, seen);
        }
    }

    fn look(&self) -> Option<Option<u32>> {
        match self.jobs.take() {
            Found::Job(job) => Some(Some(job)),
            Found::End => Some(None),
            Found::Nothing => None,
        }
    }

    fn ring(&self) {
        let before = self
            .bell
            .fetch_update(AcqRel, Acquire, |bell| Some((bell & !SOMEBODY) + 2))
            .unwrap();
        if before & SOMEBODY != 0 {
            futex::wake_all(&self.bell);
        }
    }
}

// --- to here ---
