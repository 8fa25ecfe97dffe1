//! Given for 06.2: where jobs lie until somebody takes them, in no order and without a lock.
//! Jobs are numbers from 1 to 31, and each is there or not.

use super::super::ground::Named as _;
use super::super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Release},
};

/// What [`Bag::take`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A job, which the caller has taken.
    Job(u32),
    /// No job, so far.
    Nothing,
    /// No job, and there will be none.
    End,
}

/// A bit for each job, and bit 0 for the end.
#[derive(Debug)]
pub struct Bag(AtomicU32);

/// No more jobs will come.
const CLOSED: u32 = 1;

impl Bag {
    /// No jobs.
    pub fn new() -> Self {
        Self(AtomicU32::new(0).named("jobs"))
    }

    /// Puts a job in; gives it back if it is there already.
    ///
    /// What was done before is visible to whoever takes the job. That is what `Release` does,
    /// and it does no more.
    #[track_caller]
    pub fn push(&self, job: u32) -> Result<(), u32> {
        // ORDERING: Release publishes the job; pairs with `take`.
        let before = self.0.fetch_or(1 << job, Release);
        if before & (1 << job) != 0 {
            return Err(job);
        }
        Ok(())
    }

    /// Says that no more jobs will come.
    #[track_caller]
    pub fn close(&self) {
        // ORDERING: Release, as in `push`; pairs with `take`.
        self.0.fetch_or(CLOSED, Release);
    }

    /// Takes a job out, if there is one. Looks by a load, which may see what was there a
    /// moment ago.
    #[track_caller]
    pub fn take(&self) -> Found {
        loop {
            // ORDERING: Acquire takes up what was done before the end; pairs with `close`.
            let seen = self.0.load(Acquire);
            let jobs = seen & !CLOSED;
            if jobs == 0 {
                return if seen == CLOSED {
                    Found::End
                } else {
                    Found::Nothing
                };
            }
            let job = jobs.trailing_zeros();
            // ORDERING: Acquire pairs with `push`.
            let before = self.0.fetch_and(!(1 << job), Acquire);
            if before & (1 << job) != 0 {
                return Found::Job(job);
            }
        }
    }
}
