//! Everybody's pool, behind two traits: to spawn, and to fork and join.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::{Mutex, OnceLock};
use std::thread::{self, Thread};

use crossbeam_utils::CachePadded;
use rayon::prelude::*;
use threadbare::pool::{self, ThreadPool, v1_one_queue, v2_queue_per_worker};

/// A pool that can be given a job from anywhere.
pub(crate) trait Spawn: Send + Sync + Sized + 'static {
    fn new(threads: usize) -> Self;

    fn spawn(&self, job: impl FnOnce() + Send + 'static);

    /// Returns the one pool of this kind with so many threads. It is made when it is first
    /// asked for and lives until the process ends, so that its jobs can refer to it.
    fn shared(threads: usize) -> &'static Self {
        type Key = (TypeId, usize);
        static ALL: OnceLock<Mutex<HashMap<Key, &'static (dyn Any + Send + Sync)>>> =
            OnceLock::new();
        let mut all = ALL.get_or_init(Mutex::default).lock().unwrap();
        let pool = all
            .entry((TypeId::of::<Self>(), threads))
            .or_insert_with(|| Box::leak(Box::new(Self::new(threads))));
        pool.downcast_ref().expect("it is of the type in its key")
    }
}

/// A pool that can also fork and join.
pub(crate) trait Fork: Spawn {
    /// Runs `f` on a thread of the pool.
    fn install<R: Send>(&self, f: impl FnOnce() -> R + Send) -> R;

    /// Runs both, perhaps at the same time. Called by a thread of the pool.
    fn join<A: Send, B: Send>(
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B + Send,
    ) -> (A, B);

    fn each<T: Sync>(&self, items: &[T], f: impl Fn(&T) + Send + Sync);
}

impl Spawn for v1_one_queue::ThreadPool {
    fn new(threads: usize) -> Self {
        Self::new(threads)
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        self.spawn(job);
    }
}

impl Spawn for v2_queue_per_worker::ThreadPool {
    fn new(threads: usize) -> Self {
        Self::new(threads)
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        self.spawn(job);
    }
}

impl Spawn for ThreadPool {
    fn new(threads: usize) -> Self {
        Self::new(threads)
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        // To drop the handle is to let the job run on its own.
        drop(self.spawn(job).expect("nobody shuts it down"));
    }
}

impl Fork for ThreadPool {
    fn install<R: Send>(&self, f: impl FnOnce() -> R + Send) -> R {
        self.install(f)
    }

    fn join<A: Send, B: Send>(
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        pool::join(a, b)
    }

    fn each<T: Sync>(&self, items: &[T], f: impl Fn(&T) + Send + Sync) {
        self.each(items, f);
    }
}

impl Spawn for rayon::ThreadPool {
    fn new(threads: usize) -> Self {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
        builder
            .build()
            .expect("the system has room for the threads")
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        self.spawn(job);
    }
}

impl Fork for rayon::ThreadPool {
    fn install<R: Send>(&self, f: impl FnOnce() -> R + Send) -> R {
        self.install(f)
    }

    fn join<A: Send, B: Send>(
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        rayon::join(a, b)
    }

    fn each<T: Sync>(&self, items: &[T], f: impl Fn(&T) + Send + Sync) {
        self.install(|| items.par_iter().for_each(f));
    }
}

impl Spawn for threadpool::ThreadPool {
    fn new(threads: usize) -> Self {
        Self::new(threads)
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        self.execute(job);
    }
}

/// The jobs that are still to be done. Every pool waits in the same way: the last job wakes
/// the thread that waits.
pub(crate) struct Countdown {
    left: CachePadded<AtomicUsize>,
    waiting: OnceLock<Thread>,
}

/// The one for most groups: they are measured one after the other, by one thread.
pub(crate) static LEFT: Countdown = Countdown {
    left: CachePadded::new(AtomicUsize::new(0)),
    waiting: OnceLock::new(),
};

impl Countdown {
    pub(crate) fn begin(&self, jobs: usize) {
        let waiting = self.waiting.get_or_init(thread::current);
        assert_eq!(waiting.id(), thread::current().id(), "one thread measures");
        // ORDERING: Relaxed. The jobs that `done` is called in are handed over by a pool.
        self.left.store(jobs, Relaxed);
    }

    /// There is one more job. Called by a job, so that `left` is not yet zero.
    pub(crate) fn one_more(&self) {
        // ORDERING: Relaxed. What counts is that it comes before the caller's own `done`.
        self.left.fetch_add(1, Relaxed);
    }

    pub(crate) fn done(&self) {
        // ORDERING: AcqRel. All that the jobs have done happens before the load in `wait`
        // reads zero.
        if self.left.fetch_sub(1, AcqRel) == 1 {
            let waiting = self.waiting.get().expect("`begin` came first");
            waiting.unpark();
        }
    }

    pub(crate) fn wait(&self) {
        // ORDERING: Acquire. Pairs with the AcqRel in `done`.
        while self.left.load(Acquire) != 0 {
            thread::park();
        }
    }
}

/// A countdown for very many jobs that do nothing else: on one counter all workers would fight
/// for one cache line, and that would be measured. So every 64 jobs have one of their own.
pub(crate) struct ManyLeft([Countdown; COUNTERS]);

const COUNTERS: usize = 64;
const JOBS_EACH: usize = 64;

/// The one for empty jobs.
pub(crate) static MANY_LEFT: ManyLeft = ManyLeft(
    [const {
        Countdown {
            left: CachePadded::new(AtomicUsize::new(0)),
            waiting: OnceLock::new(),
        }
    }; COUNTERS],
);

impl ManyLeft {
    pub(crate) fn begin(&self, jobs: usize) {
        let mut left = [0; COUNTERS];
        for number in 0..jobs {
            left[number / JOBS_EACH % COUNTERS] += 1;
        }
        for (counter, left) in self.0.iter().zip(left) {
            counter.begin(left);
        }
    }

    /// Job `number` is done.
    pub(crate) fn done(&self, number: usize) {
        self.0[number / JOBS_EACH % COUNTERS].done();
    }

    pub(crate) fn wait(&self) {
        self.0.iter().for_each(Countdown::wait);
    }
}
