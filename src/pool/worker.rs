//! What a thread of a pool does.

#![allow(
    unsafe_code,
    reason = "a thread-local pointer to what is on the thread's stack"
)]

use std::cell::Cell;
use std::fmt;
use std::ptr;

use super::deque::{Deque, Steal};
use super::job::{Header, Job, Kind, List};
use super::shared::{Counts, SHARE_MAX, Seat, Shared, owned};
use super::trace::What;
use crate::ground::sync::Arc;
use crate::ground::{hint, thread, thread_local};

/// What a thread of a pool runs: whether it is the waking thread comes last.
pub(super) type Main = fn(Arc<Shared>, usize, bool);

/// How often it looks everywhere before it sleeps.
const ROUNDS: u32 = if cfg!(test) { 1 } else { 32 };
/// How often it looks at its own ring before it looks at the injector first.
const INJECTOR_FIRST: u32 = 61;

thread_local! {
    /// The worker that this thread is.
    static CURRENT: Cell<*const Worker> = const { Cell::new(ptr::null()) };
}

/// What is different in a pool that records.
struct Slow {
    wait_until: fn(&Worker, &dyn Fn() -> bool),
    execute: fn(&Worker, Job),
}

/// A thread of a pool, on whose stack this is.
pub(super) struct Worker {
    shared: Arc<Shared>,
    index: usize,
    random: Cell<u64>,
    searches: Cell<u32>,
    slow: &'static Slow,
}

impl Worker {
    /// Calls `then` with the worker that the calling thread is, if it is one.
    #[inline]
    pub(super) fn with<R>(then: impl FnOnce(Option<&Self>) -> R) -> R {
        let current = CURRENT.get();
        // SAFETY: it is null, or points to what `main` has on this thread's stack, which
        // makes it null before that is gone.
        then(unsafe { current.as_ref() })
    }

    /// The worker that the calling thread is. What is returned must not be used by another
    /// thread, nor once this one has ended.
    #[inline]
    pub(super) fn current<'a>() -> Option<&'a Self> {
        // SAFETY: as in `with`; and a worker is not `Sync`.
        unsafe { CURRENT.get().as_ref() }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Whether it is one of this pool's.
    pub(super) fn is_of(&self, shared: &Arc<Shared>) -> bool {
        Arc::ptr_eq(&self.shared, shared)
    }

    fn seat(&self) -> &Seat {
        &self.shared.seats()[self.index]
    }

    fn deque(&self) -> &Deque<Header> {
        &self.seat().deque
    }

    /// Adds a job to the worker's own ring, and sees to it that somebody takes it.
    pub(super) fn push(&self, job: Job) {
        match self.deque().push(job.into_raw()) {
            Ok(()) => self.shared.notify(),
            Err(job) => self.flow_over(owned(job)),
        }
    }

    /// Adds a job to the worker's own ring, if there is room.
    #[inline]
    pub(super) fn push_or_full(&self, job: Job) -> Result<(), Job> {
        match self.deque().push(job.into_raw()) {
            Ok(()) => {
                self.shared.notify();
                Ok(())
            }
            Err(job) => Err(owned(job)),
        }
    }

    /// Whether its own ring is empty.
    #[inline]
    pub(super) fn has_no_jobs(&self) -> bool {
        self.deque().is_empty()
    }

    /// The ring is full: the older half of it, and then `job`, go to the injector.
    #[cold]
    fn flow_over(&self, job: Job) {
        let mut jobs = List::new();
        for _ in 0..self.deque().len().div_ceil(2) {
            if let Steal::Job(older) = self.deque().steal() {
                jobs.push_back(owned(older));
            }
        }
        jobs.push_back(job);
        self.shared.inject_inside(jobs);
    }

    /// Takes back what it pushed last, if nobody else has.
    pub(super) fn pop(&self) -> Option<Job> {
        self.deque().pop().map(owned)
    }

    /// Runs a job.
    pub(super) fn execute(&self, job: Job) {
        (self.slow.execute)(self, job);
    }

    /// Runs jobs until `is_done`, and sleeps while there are none. Whoever makes it done does
    /// so by a `SeqCst` operation and then wakes this worker; `is_done` looks by one.
    pub(super) fn wait_until(&self, is_done: &dyn Fn() -> bool) {
        (self.slow.wait_until)(self, is_done);
    }

    /// Counts a job that was run without [`execute`](Self::execute).
    pub(super) fn count_executed(&self) {
        Counts::add(&self.seat().counts.executed, 1);
    }

    // ANCHOR: find
    /// Looks for a job in all places, once.
    fn find(&self) -> Option<Job> {
        let searches = self.searches.get().wrapping_add(1);
        self.searches.set(searches);
        if searches % INJECTOR_FIRST == 0
            && let Some(job) = self.take_share()
        {
            return Some(job);
        }
        self.pop()
            .or_else(|| self.take_share())
            .or_else(|| self.steal())
    }
    // ANCHOR_END: find

    fn take_share(&self) -> Option<Job> {
        let injector = self.shared.injector();
        if injector.is_empty() {
            return None;
        }
        let threads = self.shared.seats().len();
        let mut share = injector.take_share(threads, SHARE_MAX);
        let job = share.pop_front()?;
        // The newest first, so that the oldest is what it pops next.
        let mut rest: Vec<_> = std::iter::from_fn(|| share.pop_front()).collect();
        let more = !rest.is_empty() || !injector.is_empty();
        while let Some(job) = rest.pop() {
            if let Err(job) = self.deque().push(job.into_raw()) {
                let mut back = List::new();
                back.push_back(owned(job));
                injector.push_inside(back);
            }
        }
        if more {
            self.shared.notify();
        }
        Some(job)
    }

    /// Steals from the others, beginning with any of them.
    fn steal(&self) -> Option<Job> {
        let seats = self.shared.seats();
        let first = (self.random() % seats.len() as u64) as usize;
        let others = (first..seats.len()).chain(0..first);
        for other in others.filter(|other| *other != self.index) {
            if let Some(job) = self.steal_from(other) {
                return Some(job);
            }
        }
        None
    }

    fn steal_from(&self, other: usize) -> Option<Job> {
        loop {
            let own = self.deque();
            match self.shared.seats()[other].deque.steal_half_into(own) {
                Steal::Empty => return None,
                Steal::Retry => hint::spin_loop(),
                Steal::Job(job) => {
                    Counts::add(&self.seat().counts.stolen, 1);
                    if !own.is_empty() {
                        self.shared.notify();
                    }
                    return Some(owned(job));
                }
            }
        }
    }

    /// The next of a worker's own random numbers (xorshift).
    fn random(&self) -> u64 {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.random.set(x);
        x
    }

    /// Looks for a job a number of times.
    fn search(&self, is_done: &dyn Fn() -> bool) -> Option<Job> {
        for round in 0..ROUNDS {
            if round > 0 {
                thread::yield_now();
            }
            if is_done() {
                return None;
            }
            if let Some(job) = self.find() {
                return Some(job);
            }
        }
        None
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

/// The parts that record what they do, or do not.
struct Loops<const TRACED: bool>;

impl<const TRACED: bool> Loops<TRACED> {
    const SLOW: Slow = Slow {
        wait_until: Self::wait_until,
        execute: Self::execute,
    };

    fn note(worker: &Worker, what: What) {
        if TRACED && let Some(recorder) = worker.shared.recorder() {
            recorder.note(worker.index, what);
        }
    }

    fn execute(worker: &Worker, job: Job) {
        if job.kind() == Kind::Bounded {
            worker.shared.unreserve();
        }
        Self::note(worker, What::Runs);
        worker.count_executed();
        job.run(Some(worker));
        Self::note(worker, What::Ran);
    }

    fn wait_until(worker: &Worker, is_done: &dyn Fn() -> bool) {
        let mut waking = false;
        while !is_done() {
            if let Some(job) = worker.search(is_done) {
                if std::mem::take(&mut waking) {
                    worker.shared.hand_on();
                }
                Self::execute(worker, job);
            } else if !is_done() {
                Counts::add(&worker.seat().counts.parked, 1);
                Self::note(worker, What::Parks);
                let (sleep, shared) = (worker.shared.sleep(), &*worker.shared);
                let up = sleep.sleep(worker.index, waking, None, is_done, shared);
                Self::note(worker, What::Wakes);
                waking = up.waking;
            }
        }
        if waking {
            worker.shared.hand_on();
        }
    }

    // ANCHOR: main_loop
    fn main_loop(worker: &Worker, mut waking: bool) {
        let shared = &*worker.shared;
        let is_over = || shared.sleep().look().is_shut_down();
        loop {
            // What was accepted before that is seen by the search after it.
            let was_over = is_over();
            if let Some(job) = worker.search(&|| false) {
                if std::mem::take(&mut waking) {
                    shared.hand_on();
                }
                Self::execute(worker, job);
                continue;
            }
            if !was_over {
                Counts::add(&worker.seat().counts.parked, 1);
                Self::note(worker, What::Parks);
                let limit = shared.config.idle_exit;
                let sleep = shared.sleep();
                let up = sleep.sleep(worker.index, waking, limit, &is_over, shared);
                Self::note(worker, What::Wakes);
                waking = up.waking;
                if !up.timed_out {
                    continue;
                }
            }
            if std::mem::take(&mut waking) {
                shared.hand_on();
            }
            if shared.leave(worker.index, !was_over) {
                break;
            }
        }
        // Somebody may have taken this thread for one that would look.
        super::sleep::Surroundings::has_work(shared).then(|| shared.notify());
    }
    // ANCHOR_END: main_loop
}

/// What a thread of a pool runs.
pub(super) fn main<const TRACED: bool>(
    shared: Arc<Shared>,
    index: usize,
    waking: bool,
) {
    let seed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let worker = Worker {
        shared,
        index,
        random: Cell::new(seed),
        searches: Cell::new(0),
        slow: &Loops::<TRACED>::SLOW,
    };
    CURRENT.set(&raw const worker);
    Loops::<TRACED>::main_loop(&worker, waking);
    CURRENT.set(ptr::null());
}

/// The number of the worker that the calling thread is, in its pool; `None` if it is not a
/// pool's.
///
/// ```
/// use threadbare::pool::{self, ThreadPool};
///
/// assert_eq!(pool::worker_index(), None);
/// let pool = ThreadPool::new(1);
/// assert_eq!(pool.install(pool::worker_index), Some(0));
/// ```
#[must_use]
pub fn worker_index() -> Option<usize> {
    Worker::with(|worker| worker.map(Worker::index))
}
