//! A queue, and a lock, for each worker; who has nothing to do takes from the others.
//!
//! A job from outside goes to the workers in turn, one that a job spawns to the worker
//! that runs it. A worker takes the newest of its own, and steals the oldest of another,
//! whom it looks for from a random start: if all began with the first, they would all
//! queue up at its lock.
//!
//! What it still costs: a lock for each job pushed, and one for each job taken, even though
//! most of the time nobody else wants it; an allocation; and a look at how many sleep.
//! [`deque`](super::deque) does away with the locks.
//!
//! # Why no job is lost
//! 1. A worker that found nothing takes the lock `asleep`, counts itself, and *looks again*,
//!    into every queue, before it sleeps. To sleep gives the lock up in the same step.
//! 2. Who spawns pushes the job under its queue's lock, and then looks whether anybody is
//!    counted. If so, it takes the lock `asleep` and notifies.
//! 3. The second look and the push take the same queue's lock. Push first: the look finds
//!    the job. Look first: what the worker did before, count itself, happens-before what the
//!    spawner does after, look; so it notifies, and gets the lock when the worker sleeps.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;

use super::boxed::{self, Boxed, unpoisoned};
use super::counters::{Counters, Tally};
use crate::ground::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::sync::{Arc, Condvar, Mutex, MutexGuard};
use crate::ground::thread::{Builder, JoinHandle};
use crate::ground::thread_local;
use crossbeam_utils::CachePadded;

/// A fixed number of threads with a locked queue each.
///
/// Dropping it runs what was spawned, and then joins the threads.
///
/// # Example
/// ```
/// use std::sync::{Arc, Mutex};
/// use threadbare::pool::v2_queue_per_worker::ThreadPool;
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
    workers: Box<[Worker]>,
    /// Whose turn it is to get a job from outside.
    turn: AtomicUsize,
    /// How many jobs have not come to their end.
    unfinished: CachePadded<AtomicUsize>,
    /// How many sleep, or are about to. Written under the lock `asleep`.
    sleepers: CachePadded<AtomicUsize>,
    /// Whether the pool is being dropped.
    asleep: Mutex<bool>,
    /// There is a job, or there will be none.
    changed: Condvar,
    /// Nothing is left. Goes with the lock `asleep`.
    done: Condvar,
}

struct Worker {
    queue: CachePadded<Mutex<VecDeque<Boxed>>>,
    tally: Tally,
}

thread_local! {
    /// Which worker this thread is, and of which pool: the address of its `Shared`.
    static CURRENT: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

impl ThreadPool {
    /// Starts this many threads, named `v2-0` ...
    ///
    /// # Panics
    /// If `threads` is 0, or the system has no more threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let worker = |_| Worker {
            queue: CachePadded::new(Mutex::default()),
            tally: Tally::default(),
        };
        let shared = Arc::new(Shared {
            workers: (0..threads).map(worker).collect(),
            turn: AtomicUsize::new(0),
            unfinished: CachePadded::new(AtomicUsize::new(0)),
            sleepers: CachePadded::new(AtomicUsize::new(0)),
            asleep: Mutex::new(false),
            changed: Condvar::new(),
            done: Condvar::new(),
        });
        let start = |index: usize| {
            let shared = Arc::clone(&shared);
            let thread = Builder::new().name(format!("v2-{index}"));
            thread
                .spawn(move || shared.work(index))
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
    /// An allocation, the lock of a queue, and if a thread sleeps another and a system call.
    pub fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        let shared = &*self.shared;
        // ORDERING: Relaxed. The job can't end before its queue's lock has been passed on.
        shared.unfinished.fetch_add(1, Relaxed);
        let (pool, own) = CURRENT.get();
        let to = if pool == shared.id() {
            own
        } else {
            // ORDERING: Relaxed. Only the number matters.
            shared.turn.fetch_add(1, Relaxed) % shared.workers.len()
        };
        shared.workers[to].lock().push_back(Box::new(job));
        // ORDERING: Relaxed. Why it sees a worker that did not see the job: step 3 above.
        if shared.sleepers.load(Relaxed) > 0 {
            drop(shared.lock());
            shared.changed.notify_one();
        }
    }

    /// Waits until nothing is left: no job in a queue, and none that runs.
    ///
    /// # Blocking
    /// Sleeps. A job that calls this waits for itself, for ever.
    /// # Memory ordering
    /// All that the jobs did happens-before this call's return.
    pub fn wait(&self) {
        let mut guard = self.shared.lock();
        // ORDERING: Acquire pairs with the Release in `work`.
        while self.shared.unfinished.load(Acquire) > 0 {
            guard = unpoisoned(self.shared.done.wait(guard));
        }
    }

    /// What each thread has done.
    #[must_use]
    pub fn counters(&self) -> Vec<Counters> {
        let workers = self.shared.workers.iter();
        workers.map(|worker| worker.tally.read()).collect()
    }
}

impl Worker {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Boxed>> {
        // Jobs run outside the lock: nothing under it panics.
        unpoisoned(self.queue.lock())
    }
}

impl Shared {
    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        unpoisoned(self.asleep.lock())
    }

    /// What a thread does.
    fn work(&self, index: usize) {
        CURRENT.set((self.id(), index));
        let mut random = index as u64 + 1;
        while let Some(job) = self.next(index, &mut random) {
            self.workers[index].tally.executed();
            boxed::run(job);
            // ORDERING: Release pairs with the load in `wait`, which reads the last of these
            // updates, and so has what came before each of them.
            if self.unfinished.fetch_sub(1, Release) == 1 {
                drop(self.lock());
                self.done.notify_all();
            }
        }
    }

    /// A job. Sleeps while there is none; `None` when there will be none.
    fn next(&self, index: usize, random: &mut u64) -> Option<Boxed> {
        loop {
            if let Some(job) = self.find(index, random) {
                return Some(job);
            }
            let mut closed = self.lock();
            // ORDERING: Relaxed. A queue's lock passes it on to who pushes there: step 3.
            self.sleepers.fetch_add(1, Relaxed);
            let job = self.find(index, random);
            let is_over = job.is_none() && *closed;
            if job.is_none() && !is_over {
                self.workers[index].tally.parked();
                closed = unpoisoned(self.changed.wait(closed));
            }
            // ORDERING: Relaxed. If it is seen late, somebody is notified in vain.
            self.sleepers.fetch_sub(1, Relaxed);
            drop(closed);
            if job.is_some() || is_over {
                return job;
            }
        }
    }

    // ANCHOR: find
    /// The newest job of its own, or else the oldest of another.
    fn find(&self, index: usize, random: &mut u64) -> Option<Boxed> {
        let own = &self.workers[index];
        if let Some(job) = own.lock().pop_back() {
            return Some(job);
        }
        let workers = self.workers.len();
        let start = (next_random(random) % workers as u64) as usize;
        let others = (start..workers).chain(0..start);
        for other in others.filter(|&other| other != index) {
            if let Some(job) = self.workers[other].lock().pop_front() {
                own.tally.stolen(1);
                return Some(job);
            }
        }
        None
    }
    // ANCHOR_END: find
}

/// The next number of xorshift64.
fn next_random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        *self.shared.lock() = true;
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
