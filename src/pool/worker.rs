//! What a thread of a pool does.

#![allow(
    unsafe_code,
    reason = "a thread-local pointer to what is on the thread's stack"
)]

use std::cell::Cell;
use std::fmt;
use std::iter;
use std::ptr::{self, NonNull};

use super::deque::{CAPACITY, Deque, Steal};
use super::job::{Header, Job, Kind, List};
use super::shared::{SHARE_MAX, Seat, Shared, owned};
use super::sleep::Up;
use super::trace::What;
use crate::ground::sync::Arc;
use crate::ground::time::Duration;
use crate::ground::{hint, thread, thread_local};

/// What a thread of a pool runs, and in which seat.
pub(super) type Main = fn(Arc<Shared>, usize);

/// How often it looks everywhere before it sleeps.
const ROUNDS: u32 = if cfg!(test) { 1 } else { 32 };
/// How often it tries to steal from one other, while others are faster.
const RETRIES: u32 = if cfg!(test) { 1 } else { 8 };
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
    /// INVARIANT: `shared.seats()[index]`.
    seat: NonNull<Seat>,
    random: Cell<u64>,
    searches: Cell<u32>,
    slow: &'static Slow,
}

impl Worker {
    fn new(shared: Arc<Shared>, index: usize, slow: &'static Slow) -> Self {
        // No two workers of a pool begin with the same number, and none with 0.
        let seed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self {
            seat: NonNull::from(&*shared.seats()[index]),
            shared,
            index,
            random: Cell::new(seed),
            searches: Cell::new(0),
            slow,
        }
    }

    /// The worker in this seat, which nobody else is. It is not the calling thread's
    /// [`current`](Self::current) one.
    #[cfg(test)]
    pub(super) fn at(shared: Arc<Shared>, index: usize) -> Self {
        Self::new(shared, index, &Loops::<false>::SLOW)
    }

    /// What it finds when it looks once.
    #[cfg(test)]
    pub(super) fn find_job(&self) -> Option<Job> {
        self.find().map(Found::job)
    }

    /// What a thread of the pool does, as the waking thread.
    #[cfg(test)]
    pub(super) fn main_loop(&self) {
        Loops::<false>::main_loop(self);
    }

    /// Calls `then` with the worker that the calling thread is, if it is one.
    #[inline]
    pub(super) fn with<R>(then: impl FnOnce(Option<&Self>) -> R) -> R {
        then(Self::current())
    }

    /// The worker that the calling thread is, if it is one. What is returned must not be
    /// kept: it is gone when the thread ends.
    #[inline]
    pub(super) fn current<'a>() -> Option<&'a Self> {
        // SAFETY: it is null, or points to what `main` has on this thread's stack, which
        // makes it null before that is gone. A worker is not `Sync`, so it stays here.
        unsafe { CURRENT.get().as_ref() }
    }

    #[inline]
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    #[inline]
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Whether it is one of this pool's.
    #[inline]
    pub(super) fn is_of(&self, shared: &Arc<Shared>) -> bool {
        Arc::ptr_eq(&self.shared, shared)
    }

    #[inline]
    fn seat(&self) -> &Seat {
        // SAFETY: `shared`, which this has a share of, keeps its seats where they are.
        unsafe { self.seat.as_ref() }
    }

    #[inline]
    fn deque(&self) -> &Deque<Header> {
        &self.seat().deque
    }

    /// Adds a job to the worker's own ring, and sees to it that somebody takes it. What does
    /// not fit flows over into the injector.
    #[inline]
    pub(super) fn push(&self, job: Job) {
        if let Err(job) = self.push_or_full(job) {
            self.flow_over(job);
        }
    }

    /// As [`push`](Self::push), but hands the job back if the ring is full.
    #[inline]
    pub(super) fn push_or_full(&self, job: Job) -> Result<(), Job> {
        self.deque().push(job.into_raw()).map_err(owned)?;
        self.shared.notify();
        Ok(())
    }

    /// The ring is full: the older half of it, and then `job`, go to the injector.
    #[cold]
    fn flow_over(&self, job: Job) {
        let mut jobs = List::new();
        for _ in 0..CAPACITY / 2 {
            match self.deque().steal() {
                Steal::Job(older) => jobs.push_back(owned(older)),
                // A thief was faster.
                Steal::Retry => {}
                Steal::Empty => break,
            }
        }
        jobs.push_back(job);
        self.shared.inject_inside(jobs);
    }

    /// Takes back what it pushed last, if nobody else has.
    #[inline]
    pub(super) fn pop(&self) -> Option<Job> {
        self.deque().pop().map(owned)
    }

    /// Whether its own ring is empty.
    #[inline]
    pub(super) fn has_no_jobs(&self) -> bool {
        self.deque().is_empty()
    }

    /// Runs a job.
    #[inline]
    pub(super) fn execute(&self, job: Job) {
        (self.slow.execute)(self, job);
    }

    /// Runs jobs until `is_done`, and sleeps while there are none. Whoever makes it done
    /// wakes this worker afterwards, by [`Sleep::wake`](super::sleep::Sleep::wake).
    pub(super) fn wait_until(&self, is_done: &dyn Fn() -> bool) {
        (self.slow.wait_until)(self, is_done);
    }

    /// Counts a job that was run without [`execute`](Self::execute).
    #[inline]
    pub(super) fn count_executed(&self) {
        self.seat().tally.executed();
    }

    // ANCHOR: find
    /// Looks for a job, once: in the worker's own ring, in the injector, and in the rings of
    /// all others. Now and then in the injector first, or a worker that never runs dry would
    /// never look there.
    fn find(&self) -> Option<Found> {
        let searches = self.searches.get().wrapping_add(1);
        self.searches.set(searches);
        if searches.is_multiple_of(INJECTOR_FIRST) {
            let found = self.take_share();
            if found.is_some() {
                return found;
            }
        }
        let own = || self.pop().map(Found::Here);
        own().or_else(|| self.take_share()).or_else(|| self.steal())
    }
    // ANCHOR_END: find

    /// Takes a fair share of what the injector has: the oldest to run now, the others into
    /// its own ring.
    fn take_share(&self) -> Option<Found> {
        let injector = self.shared.injector();
        if injector.is_empty() {
            return None;
        }
        let workers = self.shared.seats().len();
        let room = CAPACITY - self.deque().len();
        let mut share = injector.take_share(workers, room.clamp(1, SHARE_MAX));
        let job = share.pop_front()?;
        // The newest first: so the oldest is what it pops next.
        let mut rest = share.reversed();
        let rest = &mut iter::from_fn(|| rest.pop_front().map(Job::into_raw));
        self.deque().push_some(rest);
        debug_assert!(rest.next().is_none(), "there is room for them");
        // What it has put down, there and here, was in nobody's sight until now.
        self.shared.notify();
        Some(Found::Here(job))
    }

    /// Steals from the others, beginning with any of them.
    // ANCHOR: steal
    fn steal(&self) -> Option<Found> {
        let seats = self.shared.seats();
        let first = (self.random() % seats.len() as u64) as usize;
        let mut all = (first..seats.len()).chain(0..first);
        all.find_map(|other| {
            let job = (other != self.index).then(|| self.steal_from(other))??;
            Some(Found::Stolen(job, other))
        })
    }

    fn steal_from(&self, other: usize) -> Option<Job> {
        let (victim, own) = (&self.shared.seats()[other].deque, self.deque());
        for _ in 0..RETRIES {
            match victim.steal_half_into(own) {
                Steal::Empty => return None,
                Steal::Retry => hint::spin_loop(),
                Steal::Job(job) => {
                    let others = own.len();
                    self.seat().tally.stolen(1 + others as u64);
                    if others > 0 {
                        // They were in nobody's sight for a moment.
                        self.shared.notify();
                    }
                    return Some(owned(job));
                }
            }
        }
        None
    }
    // ANCHOR_END: steal

    /// The next of a worker's own random numbers (Marsaglia's xorshift).
    fn random(&self) -> u64 {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.random.set(x);
        x
    }

    /// Looks for a job a number of times, unless it `is_done`.
    fn search(&self, is_done: &dyn Fn() -> bool) -> Option<Found> {
        for round in 0..ROUNDS {
            if round > 0 {
                thread::yield_now();
                if is_done() {
                    return None;
                }
            }
            let found = self.find();
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// A job, and where it was.
enum Found {
    Here(Job),
    Stolen(Job, usize),
}

impl Found {
    fn job(self) -> Job {
        match self {
            Self::Here(job) | Self::Stolen(job, _) => job,
        }
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
        // Before it runs: whoever has waited for it finds it counted.
        worker.count_executed();
        job.run(Some(worker));
        Self::note(worker, What::Ran);
    }

    /// Runs what it has found. The waking thread hands that on before, if there is more: the
    /// job may take long.
    fn run(worker: &Worker, found: Found, waking: &mut bool) {
        if std::mem::take(waking) {
            worker.shared.hand_on();
        }
        if let Found::Stolen(_, from) = found {
            Self::note(worker, What::Stole(from));
        }
        Self::execute(worker, found.job());
    }

    fn sleep(
        worker: &Worker,
        waking: bool,
        limit: Option<Duration>,
        awaited: &dyn Fn() -> bool,
    ) -> Up {
        worker.seat().tally.parked();
        Self::note(worker, What::Parks);
        let (sleep, pool) = (worker.shared.sleep(), &*worker.shared);
        let up = sleep.sleep(worker.index, waking, limit, awaited, pool);
        Self::note(worker, What::Wakes);
        up
    }

    // ANCHOR: wait
    fn wait_until(worker: &Worker, is_done: &dyn Fn() -> bool) {
        let mut waking = false;
        while !is_done() {
            if let Some(found) = worker.search(is_done) {
                Self::run(worker, found, &mut waking);
            } else {
                waking = Self::sleep(worker, waking, None, is_done).waking;
            }
        }
        if waking {
            // It was called for work, and goes where it is waited for.
            worker.shared.hand_on();
        }
    }
    // ANCHOR_END: wait

    // ANCHOR: main_loop
    fn main_loop(worker: &Worker) {
        // Whoever started it has called it.
        let mut waking = true;
        let shared = &*worker.shared;
        let is_over = || shared.sleep().look().is_shut_down();
        let mut limit = shared.config.idle_exit;
        loop {
            // If it is, all that was accepted is found by the search after it.
            let was_over = is_over();
            if let Some(found) = worker.search(&|| false) {
                Self::run(worker, found, &mut waking);
                limit = shared.config.idle_exit;
                continue;
            }
            if !was_over {
                let up = Self::sleep(worker, waking, limit, &is_over);
                waking = up.waking;
                if !up.timed_out {
                    continue;
                }
            }
            if std::mem::take(&mut waking) {
                shared.hand_on();
            }
            if shared.leave(worker.index, !was_over) {
                return;
            }
            // The last one stays, for as long as it takes.
            limit = None;
        }
    }
    // ANCHOR_END: main_loop
}

/// What a thread of a pool runs.
pub(super) fn main<const TRACED: bool>(shared: Arc<Shared>, index: usize) {
    let worker = Worker::new(shared, index, &Loops::<TRACED>::SLOW);
    CURRENT.set(&raw const worker);
    Loops::<TRACED>::main_loop(&worker);
    CURRENT.set(ptr::null());
    worker.shared.has_ended();
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
