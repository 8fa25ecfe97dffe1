//! The pool itself: what can be done with it from outside.
//!
//! Everything here is a thin face over `shared` (what its threads share), `sleep` (who sleeps,
//! and who is called) and `worker` (what a thread does).

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
///
/// Threads are started when there is a job and nobody idle, up to a maximum. Each worker has a
/// ring of its own for the jobs that its jobs bring; jobs from outside come through an
/// injector, in order. A worker that finds nothing in either steals from any other, and sleeps
/// when there is nothing to steal.
///
/// With `TRACED` it records who does what, for [`trace`](ThreadPool::trace); without, there is
/// no code for that.
///
/// **Dropping** it refuses what comes from then on, runs what was accepted, and waits until all
/// its jobs and threads have ended; a worker of another pool runs jobs of that pool meanwhile.
/// If one of its own jobs drops it, it waits for nobody: the jobs are run all the same.
///
/// # Example
/// ```
/// use threadbare::pool::ThreadPool;
///
/// let pool = ThreadPool::builder().name("count").threads(2).build();
/// let words = pool.spawn(|| "one two three".split(' ').count()).unwrap();
/// assert_eq!(words.wait().unwrap(), 3);
/// ```
///
/// A job may not borrow from the stack, for nobody knows when it ends. (That is what
/// [`scope`](ThreadPool::scope) is for.)
///
/// ```compile_fail,E0373
/// let pool = threadbare::pool::ThreadPool::new(1);
/// let text = String::from("gone");
/// pool.spawn(|| text.as_str().len());
/// ```
pub struct ThreadPool<const TRACED: bool = false> {
    shared: Arc<Shared>,
}

impl ThreadPool {
    /// A pool of at most `threads`, none of which is started yet.
    ///
    /// # Panics
    /// If `threads` is 0, or more than 16,383.
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
    ///
    /// ```
    /// use threadbare::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::builder().threads(1).build_traced();
    /// pool.install(|| ());
    /// assert!(pool.trace().to_svg().starts_with("<svg"));
    /// ```
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
    /// A job of the pool brings it to its own worker's ring, where it is the next that this
    /// worker runs, unless others steal it. From another thread it comes into the injector,
    /// behind all that came before.
    ///
    /// # Errors
    /// Hands the job back, as it was: [`Reason::ShutDown`]; or [`Reason::NoThread`] if the pool
    /// has no thread yet and the system gives it none. It is run, or handed back: never both,
    /// never neither.
    /// # Memory ordering
    /// What the caller has done before happens-before the job.
    /// # Cost
    /// About fifty nanoseconds, and a system call if somebody has to be woken. One allocation
    /// for 64 jobs; a job that lives long keeps the memory of 64 alive.
    pub fn spawn<F, T>(&self, job: F) -> Result<Handle<T>, Refused<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        spawn::spawn(job, false, |job| self.push(job))
    }

    /// Hands a job to the pool, unless as many wait as may wait: see
    /// [`queue_cap`](Builder::queue_cap).
    ///
    /// Those wait that this function has accepted and that have not started, wherever they are.
    /// Jobs of [`spawn`](Self::spawn) are not counted.
    ///
    /// # Errors
    /// As `spawn`, and [`Reason::Full`]: shed the work, or run it on this thread.
    /// # Cost
    /// As `spawn`, and a compare-exchange more.
    ///
    /// ```
    /// use std::sync::{Arc, Barrier};
    /// use threadbare::pool::{Reason, ThreadPool};
    ///
    /// let pool = ThreadPool::builder().threads(1).queue_cap(1).build();
    /// let gate = Arc::new(Barrier::new(2));
    /// let behind = Arc::clone(&gate);
    /// let busy = pool.spawn(move || { behind.wait(); }).unwrap();
    /// let waits = pool.try_spawn(|| 1).unwrap();
    /// let refused = pool.try_spawn(|| 2).unwrap_err();
    /// assert_eq!(refused.reason(), Reason::Full);
    /// assert_eq!(refused.into_job()(), 2, "it is the caller's again");
    /// gate.wait();
    /// assert_eq!(waits.wait().unwrap(), 1);
    /// busy.wait().unwrap();
    /// ```
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

    /// Hands many jobs to the pool at once. If enough workers are idle, or may be started,
    /// each of the jobs gets one.
    ///
    /// # Errors
    /// Hands all of them back, for the reasons of [`spawn`](Self::spawn).
    /// # Cost
    /// One exchange. One worker is called, who calls the next, and so on.
    pub fn spawn_batch(&self, mut batch: Batch) -> Result<(), Refused<Batch>> {
        if batch.is_empty() {
            return Ok(());
        }
        let pushed = self.shared.inject(batch.take());
        pushed.map_err(|(jobs, reason)| Refused::new(Batch::of(jobs), reason))
    }

    /// Calls `run` on a worker of the pool, and waits for what it returns: so that
    /// [`pool::join`](super::join()) and its kin in there use this pool.
    ///
    /// Called by a worker of the pool it runs at once; after a shutdown, on the calling thread.
    ///
    /// # Panics
    /// If `run` does, with what it panicked with.
    /// # Blocking
    /// As [`Handle::wait`].
    ///
    /// ```
    /// use threadbare::pool::{self, ThreadPool};
    ///
    /// let pool = ThreadPool::new(2);
    /// let sum = pool.install(|| pool::join(|| 1, || 2));
    /// assert_eq!(sum, (1, 2));
    /// ```
    pub fn install<R: Send>(&self, run: impl FnOnce() -> R + Send) -> R {
        on_worker(&self.shared, |_| run())
    }

    pub(super) fn push(&self, job: Job) -> Result<(), (Job, Reason)> {
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

    /// Refuses what comes from now on. What was accepted is run; this waits for nothing.
    ///
    /// A job that is running may still [`join`](Self::join), and use a scope.
    ///
    /// ```
    /// use threadbare::pool::{Reason, ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let accepted = pool.spawn(|| 1).unwrap();
    /// pool.shutdown();
    /// assert_eq!(pool.spawn(|| 2).unwrap_err().reason(), Reason::ShutDown);
    /// assert_eq!(accepted.wait().unwrap(), 1);
    /// ```
    pub fn shutdown(&self) {
        self.shared.shut_down();
    }

    /// As [`shutdown`](Self::shutdown), and takes back what had been spawned and not started.
    /// They come in no order. Jobs for which a `join` or a scope waits are run all the same.
    ///
    /// ```
    /// use std::sync::{Arc, Barrier};
    /// use threadbare::pool::{JobError, ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let gate = Arc::new(Barrier::new(2));
    /// let behind = Arc::clone(&gate);
    /// let handles = [1, 2, 3].map(|n| {
    ///     let gate = (n == 1).then(|| Arc::clone(&behind));
    ///     pool.spawn(move || gate.map(|gate| gate.wait().is_leader())).unwrap()
    /// });
    /// while pool.counters()[0].executed == 0 {
    ///     std::thread::yield_now(); // until the first runs
    /// }
    /// let mut unstarted = pool.shutdown_now();
    /// assert_eq!(unstarted.len(), 2);
    /// unstarted.remove(0).run(); // here
    /// drop(unstarted); // cancelled
    /// gate.wait();
    /// let [first, second, third] = handles.map(|handle| handle.wait());
    /// assert!(first.is_ok());
    /// let cancelled = |it: &Result<_, _>| matches!(it, Err(JobError::Cancelled));
    /// assert!(cancelled(&second) != cancelled(&third));
    /// ```
    pub fn shutdown_now(&self) -> Vec<Unstarted> {
        self.shutdown();
        let mut jobs = self.shared.take_spawned();
        std::iter::from_fn(|| jobs.pop_front())
            .map(Unstarted::new)
            .collect()
    }

    /// What each worker has done so far, by its index. A job is counted before it runs; one
    /// that a `join` takes back as well.
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

    /// How many threads it has, or starts just now.
    #[must_use]
    pub fn started(&self) -> usize {
        self.shared.sleep().look().spawned()
    }

    /// How many of its threads sleep, or are about to. Out of date when you read it.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.shared.sleep().look().idle()
    }

    /// How many jobs lie in its queues. Out of date when you read it.
    ///
    /// # Cost
    /// A look at each worker's ring; if the injector is not empty, its takers' lock.
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
