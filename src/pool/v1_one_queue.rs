//! The pool that everybody writes first: one queue, one lock, one condition variable.
//!
//! It is right, and under thirty lines. What it costs shows with small jobs: every `spawn`
//! and every worker, for every job, goes through the same lock, and each job wakes a
//! thread. [`v2_queue_per_worker`](super::v2_queue_per_worker) is the next step.
//!
//! # Why no job is lost
//! A worker looks into the queue under the lock, and gives the lock up and goes to sleep in
//! one step. A job is pushed under the lock: before that look, and it is seen, or after the
//! worker sleeps, and the notification wakes it.

use std::collections::VecDeque;
use std::fmt;

use super::boxed::{self, Boxed, unpoisoned};
use super::counters::{Counters, Tally};
use crate::ground::sync::{Arc, Condvar, Mutex, MutexGuard};
use crate::ground::thread::{Builder, JoinHandle};

/// A fixed number of threads that take jobs from one queue.
///
/// Dropping it runs what was spawned, and then joins the threads.
///
/// # Example
/// ```
/// use std::sync::{Arc, Mutex};
/// use threadbare::pool::v1_one_queue::ThreadPool;
///
/// let pool = ThreadPool::new(2);
/// let squares = Arc::new(Mutex::new(Vec::new()));
/// for n in 0..4 {
///     let squares = Arc::clone(&squares);
///     pool.spawn(move || squares.lock().unwrap().push(n * n));
/// }
/// pool.wait();
/// squares.lock().unwrap().sort_unstable();
/// assert_eq!(*squares.lock().unwrap(), [0, 1, 4, 9]);
/// ```
pub struct ThreadPool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// What the threads share.
struct Shared {
    queue: Mutex<Queue>,
    /// There is a job, or there will be none.
    changed: Condvar,
    /// Nothing is left.
    done: Condvar,
    tallies: Box<[Tally]>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Boxed>,
    /// How many have not come to their end: those in the queue, and those that run.
    unfinished: usize,
    /// The pool is being dropped.
    closed: bool,
}

impl ThreadPool {
    /// Starts this many threads, named `v1-0` ...
    ///
    /// # Panics
    /// If `threads` is 0, or the system has no more threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            changed: Condvar::new(),
            done: Condvar::new(),
            tallies: (0..threads).map(|_| Tally::default()).collect(),
        });
        let start = |index: usize| {
            let shared = Arc::clone(&shared);
            let thread = Builder::new().name(format!("v1-{index}"));
            thread
                .spawn(move || shared.work(&shared.tallies[index]))
                .expect("no more threads")
        };
        Self {
            threads: (0..threads).map(start).collect(),
            shared,
        }
    }

    /// Has a thread run `job`, some time. A job that panics takes nothing with it.
    ///
    /// # Cost
    /// An allocation, the lock, and a system call if a thread sleeps.
    // ANCHOR: spawn
    pub fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        let mut queue = self.shared.lock();
        queue.jobs.push_back(Box::new(job));
        queue.unfinished += 1;
        drop(queue);
        self.shared.changed.notify_one();
    }
    // ANCHOR_END: spawn

    /// Waits until nothing is left: no job in the queue, and none that runs.
    ///
    /// # Blocking
    /// Sleeps. A job that calls this waits for itself, for ever.
    /// # Memory ordering
    /// All that the jobs did happens-before this call's return.
    pub fn wait(&self) {
        let mut queue = self.shared.lock();
        while queue.unfinished > 0 {
            queue = unpoisoned(self.shared.done.wait(queue));
        }
    }

    /// What each thread has done. Nobody steals here.
    #[must_use]
    pub fn counters(&self) -> Vec<Counters> {
        self.shared.tallies.iter().map(Tally::read).collect()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Jobs run outside the lock: nothing under it panics.
        unpoisoned(self.queue.lock())
    }

    // ANCHOR: worker
    /// What a thread does.
    fn work(&self, tally: &Tally) {
        while let Some(job) = self.next(tally) {
            tally.executed();
            boxed::run(job);
            let mut queue = self.lock();
            queue.unfinished -= 1;
            if queue.unfinished == 0 {
                self.done.notify_all();
            }
        }
    }

    /// The oldest job. Sleeps while there is none; `None` when there will be none.
    fn next(&self, tally: &Tally) -> Option<Boxed> {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.closed {
                return None;
            }
            tally.parked();
            queue = unpoisoned(self.changed.wait(queue));
        }
    }
    // ANCHOR_END: worker
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // The jobs' panics have been caught, and the loop has none.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("threads", &self.threads.len())
            .finish_non_exhaustive()
    }
}
