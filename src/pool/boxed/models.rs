//! The first two pools under the model checker, and ways of sleeping that are wrong by a line.
#![allow(unsafe_code, reason = "what a job does is to reach a cell")]

use explorer::Kind;

use crate::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::{Arc, Condvar, Mutex};
use crate::modelled::{caught, holds, holds_for_reasons, start};
use crate::pool::{v1_one_queue, v2_queue_per_worker};

/// One of the two.
trait Pool: Send + Sync + 'static {
    fn new(threads: usize) -> Self;
    fn spawn(&self, job: impl FnOnce() + Send + 'static);
    fn wait(&self);
}

macro_rules! pools {
    ($($version:ident)*) => { $(
        impl Pool for $version::ThreadPool {
            fn new(threads: usize) -> Self {
                Self::new(threads)
            }

            fn spawn(&self, job: impl FnOnce() + Send + 'static) {
                self.spawn(job);
            }

            fn wait(&self) {
                self.wait();
            }
        }
    )* };
}
pools!(v1_one_queue v2_queue_per_worker);

/// What a job writes to.
struct Page(UnsafeCell<u32>);

// SAFETY: one job writes to it, and who waits for that job reads it. (That this holds is
// what the explorer is to find out.)
unsafe impl Sync for Page {}

impl Page {
    fn new() -> Arc<Self> {
        Arc::new(Self(UnsafeCell::new(0)))
    }

    fn write(&self) {
        // SAFETY: see `Sync`.
        self.0.with_mut(|page| unsafe { *page += 1 });
    }

    fn read(&self) -> u32 {
        // SAFETY: see `Sync`.
        self.0.with(|page| unsafe { *page })
    }
}

/// `JOBS` for `THREADS`. Who waits sees what all did.
fn wait<P: Pool, const JOBS: usize, const THREADS: usize>() {
    let pool = P::new(THREADS);
    let pages = [(); JOBS].map(|()| Page::new());
    for page in &pages {
        let page = Arc::clone(page);
        pool.spawn(move || page.write());
    }
    pool.wait();
    assert_eq!(pages.map(|page| page.read()), [1; JOBS]);
}

/// A pool that is dropped runs what it has.
fn drop_runs_all<P: Pool, const THREADS: usize>() {
    let pool = P::new(THREADS);
    let page = Page::new();
    let theirs = Arc::clone(&page);
    pool.spawn(move || theirs.write());
    drop(pool);
    assert_eq!(page.read(), 1);
}

/// A job spawns another.
fn a_job_spawns<P: Pool>() {
    let pool = Arc::new(P::new(1));
    let page = Page::new();
    let (outer, inner) = (Arc::clone(&pool), Arc::clone(&page));
    pool.spawn(move || outer.spawn(move || inner.write()));
    pool.wait();
    assert_eq!(page.read(), 1);
}

/// A job panics, and the thread runs the next one.
fn a_job_panics<P: Pool>() {
    let pool = P::new(1);
    let page = Page::new();
    let theirs = Arc::clone(&page);
    pool.spawn(|| std::panic::resume_unwind(Box::new("planned")));
    pool.spawn(move || theirs.write());
    pool.wait();
    assert_eq!(page.read(), 1);
}

#[test]
fn what_is_spawned_is_run() {
    fn keeps<P: Pool>() {
        holds("a job, a thread", wait::<P, 1, 1>);
        holds("a drop, a thread", drop_runs_all::<P, 1>);
        // Nobody wakes for no reason here, for that makes a model too large.
        holds_for_reasons("two jobs, a thread", wait::<P, 2, 1>);
        holds_for_reasons("a job spawns a job", a_job_spawns::<P>);
        holds_for_reasons("a job panics", a_job_panics::<P>);
    }
    keeps::<v1_one_queue::ThreadPool>();
    keeps::<v2_queue_per_worker::ThreadPool>();
    // Of the second this is too large a model: with each look, each thread takes each lock.
    holds_for_reasons("a job, two threads", wait::<v1_one_queue::ThreadPool, 1, 2>);
    holds_for_reasons("a drop", drop_runs_all::<v1_one_queue::ThreadPool, 2>);
}

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Goes to sleep without a second look.
    LooksOnce,
    /// Looks again, and then counts itself among the sleepers.
    CountsLate,
    /// Gives the lock up between the second look and the sleep.
    SleepsLate,
    /// Looks for sleepers, and then pushes.
    LooksFirst,
    /// Notifies without having had the lock.
    NotifiesEarly,
    /// Notifies nobody if another is about to be notified.
    NotifiesOnce,
    /// Does not look again when it has been woken.
    IfForLoop,
}

/// How a worker of the second version sleeps, and who spawns wakes it.
struct Sleep {
    slip: Slip,
    queue: Mutex<u32>,
    sleepers: AtomicUsize,
    asleep: Mutex<bool>,
    changed: Condvar,
}

impl Sleep {
    fn new(slip: Slip) -> Arc<Self> {
        Arc::new(Self {
            slip,
            queue: Mutex::new(0),
            sleepers: AtomicUsize::new(0),
            asleep: Mutex::new(false),
            changed: Condvar::new(),
        })
    }

    fn pop(&self) -> bool {
        let mut queue = self.queue.lock().unwrap();
        let there = *queue > 0;
        *queue -= u32::from(there);
        there
    }

    /// Gets a job.
    fn next(&self) {
        let slip = self.slip;
        while !self.pop() {
            let mut asleep = self.asleep.lock().unwrap();
            let count = || {
                // ORDERING: Relaxed, as in the right one.
                self.sleepers.fetch_add(1, Relaxed);
            };
            if slip != Slip::CountsLate {
                count();
            }
            let found = slip != Slip::LooksOnce && self.pop();
            if slip == Slip::CountsLate {
                count();
            }
            if !found {
                if slip == Slip::SleepsLate {
                    drop(asleep);
                    asleep = self.asleep.lock().unwrap();
                }
                asleep = self.changed.wait(asleep).unwrap();
            }
            // ORDERING: Relaxed, as in the right one.
            self.sleepers.fetch_sub(1, Relaxed);
            *asleep = false;
            drop(asleep);
            if found {
                return;
            }
            if slip == Slip::IfForLoop {
                assert!(self.pop(), "woken, and there is nothing");
                return;
            }
        }
    }

    fn push(&self) {
        let slip = self.slip;
        let look = || {
            // ORDERING: Relaxed, as in the right one.
            self.sleepers.load(Relaxed) > 0
        };
        let looked = slip == Slip::LooksFirst && look();
        *self.queue.lock().unwrap() += 1;
        if looked || slip != Slip::LooksFirst && look() {
            if slip != Slip::NotifiesEarly {
                let mut asleep = self.asleep.lock().unwrap();
                if *asleep && slip == Slip::NotifiesOnce {
                    return;
                }
                *asleep = true;
            }
            self.changed.notify_one();
        }
    }
}

/// A worker gets the job that somebody pushes.
fn one_worker(slip: Slip) {
    let sleep = Sleep::new(slip);
    let worker = start(&sleep, Sleep::next);
    sleep.push();
    worker.join().unwrap();
}

/// Two workers get a job each.
fn two_workers(slip: Slip) {
    let sleep = Sleep::new(slip);
    let workers = [(); 2].map(|()| start(&sleep, Sleep::next));
    sleep.push();
    sleep.push();
    for worker in workers {
        worker.join().unwrap();
    }
}

#[test]
fn wrong_versions_are_caught() {
    macro_rules! wrong {
        ($($story:literal, $model:ident, $slip:ident, $kind:ident;)*) => {
            &[$(($story, || $model(Slip::$slip), Kind::$kind)),*]
        };
    }
    holds("the copy", || one_worker(Slip::None));
    holds_for_reasons("the copy", || two_workers(Slip::None));
    caught(
        "queue per worker",
        // ANCHOR: caught
        wrong![
            "looks once", one_worker, LooksOnce, LostWakeUp;
            "counts late", one_worker, CountsLate, LostWakeUp;
            "sleeps late", one_worker, SleepsLate, LostWakeUp;
            "looks first", one_worker, LooksFirst, LostWakeUp;
            "notifies early", one_worker, NotifiesEarly, LostWakeUp;
            "notifies once", two_workers, NotifiesOnce, LostWakeUp;
            "if for loop", one_worker, IfForLoop, Assertion;
        ],
        // ANCHOR_END: caught
    );
}
