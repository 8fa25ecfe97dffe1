//! The pool itself.

use std::fmt;

use super::builder::Builder;
use super::counters::Counters;
use super::job::Job;
use super::join::on_worker;
pub(super) use super::shared::Shared;
use super::spawn::{self, Batch, Handle, Reason, Refused, Unstarted};
use super::trace::Trace;
use super::worker::Worker;
use crate::ground::sync::Arc;

/// Threads that run jobs, and steal from each other.
pub struct ThreadPool<const TRACED: bool = false> {
    shared: Arc<Shared>,
}

impl ThreadPool {
    /// A pool of at most `threads`.
    ///
    /// # Panics
    /// If `threads` is 0.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self::builder().threads(threads).build()
    }

    /// A pool with a name, a stack size, and so on.
    pub fn builder() -> Builder {
        Builder::new()
    }
}

impl ThreadPool<true> {
    /// What its workers have done so far.
    #[must_use]
    pub fn trace(&self) -> Trace {
        let recorder = self.shared.recorder();
        recorder.expect("a traced pool records").trace()
    }
}

impl<const TRACED: bool> ThreadPool<TRACED> {
    pub(super) fn of(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Hands a job to the pool.
    ///
    /// # Errors
    /// Hands it back if the pool is shut down, or has no thread and can get none.
    pub fn spawn<F, T>(&self, job: F) -> Result<Handle<T>, Refused<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        spawn::spawn(job, false, |job| self.push(job))
    }

    /// Hands a job to the pool, unless as many wait as may wait.
    ///
    /// # Errors
    /// Hands it back, as [`spawn`](Self::spawn), and if there is no room.
    pub fn try_spawn<F, T>(&self, job: F) -> Result<Handle<T>, Refused<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        if !self.shared.reserve() {
            return Err(Refused::new(job, Reason::Full));
        }
        let handle = spawn::spawn(job, true, |job| self.push(job));
        if handle.is_err() {
            self.shared.unreserve();
        }
        handle
    }

    /// Hands many jobs to the pool at once.
    ///
    /// # Errors
    /// Hands them back, as [`spawn`](Self::spawn).
    pub fn spawn_batch(&self, mut batch: Batch) -> Result<(), Refused<Batch>> {
        if batch.is_empty() {
            return Ok(());
        }
        let pushed = self.shared.inject(batch.take());
        pushed.map_err(|(jobs, reason)| Refused::new(Batch::of(jobs), reason))
    }

    /// Calls `run` on a worker of the pool, and waits for it.
    pub fn install<R: Send>(&self, run: impl FnOnce() -> R + Send) -> R {
        on_worker(&self.shared, |_| run())
    }

    fn push(&self, job: Job) -> Result<(), (Job, Reason)> {
        Worker::with(|worker| match worker {
            Some(worker) if worker.is_of(&self.shared) => {
                if self.shared.sleep().look().is_shut_down() {
                    return Err((job, Reason::ShutDown));
                }
                worker.push(job);
                Ok(())
            }
            _ => self.shared.inject_one(job),
        })
    }

    /// Refuses what comes from now on. What was accepted is run.
    pub fn shutdown(&self) {
        self.shared.shut_down();
    }

    /// As [`shutdown`](Self::shutdown), and takes back what had been spawned and not started.
    pub fn shutdown_now(&self) -> Vec<Unstarted> {
        self.shutdown();
        let mut jobs = self.shared.take_spawned();
        std::iter::from_fn(|| jobs.pop_front())
            .map(Unstarted::new)
            .collect()
    }

    /// What each worker has done so far.
    #[must_use]
    pub fn counters(&self) -> Vec<Counters> {
        let seats = self.shared.seats().iter();
        seats.map(|seat| seat.tally.read()).collect()
    }

    /// How many threads it has at most.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.shared.seats().len()
    }

    /// How many threads it has.
    #[must_use]
    pub fn started(&self) -> usize {
        self.shared.sleep().look().spawned()
    }

    /// How many of its threads sleep.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.shared.sleep().look().idle()
    }

    /// How many jobs wait to be run.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.waiting()
    }
}

impl<const TRACED: bool> Drop for ThreadPool<TRACED> {
    fn drop(&mut self) {
        self.shutdown();
        let own = Worker::with(|worker| {
            worker.is_some_and(|worker| worker.is_of(&self.shared))
        });
        if !own {
            self.shared.join();
        }
    }
}

impl<const TRACED: bool> fmt::Debug for ThreadPool<TRACED> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("threads", &self.threads())
            .field("started", &self.started())
            .field("idle", &self.idle())
            .finish_non_exhaustive()
    }
}
