//! Given for 06.1: a small pool. One queue of jobs, and one bell for all who have nothing
//! to do.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};

use super::super::ground::Named as _;
use super::super::ground::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Release},
};
use super::super::ground::futex;
use super::super::ground::sync::{Arc, Mutex, PoisonError};

/// Something to do.
pub struct Job(Box<dyn FnOnce() + Send>);

impl Job {
    /// Does it, on the thread that calls. If it panics, that ends the job, and nothing else.
    pub fn run(self) {
        let _ = panic::catch_unwind(AssertUnwindSafe(self.0));
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job")
    }
}

/// Jobs, and where to sleep until something happens. A thread becomes a worker by calling
/// [`work`](Self::work).
#[derive(Debug)]
pub struct Pool {
    jobs: Mutex<VecDeque<Job>>,
    /// How often the bell has rung.
    bell: AtomicU32,
    closed: AtomicBool,
}

impl Pool {
    /// A pool without jobs, and without workers.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            jobs: Mutex::new(VecDeque::new()).named("jobs"),
            bell: AtomicU32::new(0).named("bell"),
            closed: AtomicBool::new(false).named("closed"),
        })
    }

    /// Puts a job into the queue, and rings the bell.
    #[track_caller]
    pub fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        let job = Job(Box::new(job));
        let jobs = self.jobs.lock();
        jobs.unwrap_or_else(PoisonError::into_inner).push_back(job);
        self.ring();
    }

    /// Takes the oldest job out of the queue, if there is one.
    #[track_caller]
    pub fn take(&self) -> Option<Job> {
        let jobs = self.jobs.lock();
        jobs.unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// How often the bell has rung. What was done before it rang is visible to whoever
    /// reads that it has.
    #[track_caller]
    pub fn rung(&self) -> u32 {
        // ORDERING: Acquire pairs with `ring`.
        self.bell.load(Acquire)
    }

    /// Rings the bell: all who sleep wake up.
    #[track_caller]
    pub fn ring(&self) {
        // ORDERING: Release pairs with the load in `rung`.
        self.bell.fetch_add(1, Release);
        futex::wake_all(&self.bell);
    }

    /// Sleeps until the bell rings. Does not sleep if it has rung since [`rung`](Self::rung)
    /// returned this number. May wake up for no reason.
    #[track_caller]
    pub fn sleep(&self, rung: u32) {
        futex::wait(&self.bell, rung);
    }

    /// What a worker does: job after job, until the pool is closed and no job is left.
    pub fn work(&self) {
        loop {
            let rung = self.rung();
            // ORDERING: Acquire. Jobs from before the end are found; pairs with `close`.
            let closed = self.closed.load(Acquire);
            if let Some(job) = self.take() {
                job.run();
            } else if closed {
                return;
            } else {
                self.sleep(rung);
            }
        }
    }

    /// Sends the workers home, once there is nothing left to do.
    pub fn close(&self) {
        // ORDERING: Release pairs with the load in `work`.
        self.closed.store(true, Release);
        self.ring();
    }
}
