//! Two things at the same time, if another worker has time for the second.
//!
//! `join(a, b)` puts `b` into the worker's own ring, where others can steal it, and runs `a`.
//! Mostly nobody has stolen it: then it is the newest job of the ring, and the worker takes
//! it back and calls it, as if there had never been a job. So two calls in a row become
//! parallel for the price of a push and a pop, and a program may call `join` wherever two
//! things do not depend on each other, down to rather small ones.
//!
//! The job lies in the frame of `join` itself: nothing is allocated. That is sound for one
//! reason only: **`join` does not end before `b` has**, whatever happens.
//!
//! | when `a` has ended, or panicked, | then |
//! |---|---|
//! | `b` is the newest job of the ring | it is taken back and runs here |
//! | there are newer ones, which `a` has spawned | they run first |
//! | it was stolen, or has gone to the injector with other jobs, because the ring was full | the worker helps: it runs other jobs until `b`'s latch is set |
//!
//! And whoever runs `b` elsewhere sets the latch as its last act: once it is set, the frame
//! may be gone.
#![allow(unsafe_code, reason = "the job lies in a frame")]

use std::panic;

use super::global::global;
use super::job::{Header, Job};
use super::shared::Shared;
use super::stack_job::{Done, Quiet, StackJob, Stolen, catch, drop_quietly};
use super::thread_pool::ThreadPool;
use super::worker::Worker;
use crate::ground::sync::Arc;
use crate::ground::thread;

/// Runs `a`, and at the same time `b` if another worker of the pool has time for it; returns
/// when both have ended, with what they return.
///
/// It uses the pool whose worker calls it, or else [`global()`]: see [`ThreadPool::join`].
///
/// ```
/// use threadbare::pool;
///
/// fn fib(n: u32) -> u64 {
///     if n < 2 {
///         return n.into();
///     }
///     let (a, b) = pool::join(|| fib(n - 1), || fib(n - 2));
///     a + b
/// }
///
/// assert_eq!(fib(15), 610);
/// ```
#[inline]
pub fn join<A, B, RA, RB>(a: A, b: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    Worker::with(|worker| match worker {
        Some(worker) => join_on(worker, |_| a(), |_| b()),
        None => global().join(a, b),
    })
}

impl<const TRACED: bool> ThreadPool<TRACED> {
    /// Runs `a`, and at the same time `b` if another worker of the pool has time for it;
    /// returns when both have ended, with what they return.
    ///
    /// Called by a worker of the pool, as by [`pool::join`](join()) in a job: `a` runs at
    /// once. Called by another thread, both are handed to a worker, and the thread waits;
    /// after a shutdown both run on the calling thread, one after the other.
    ///
    /// # Panics
    /// If one of them does, with what it panicked with; if both do, with that of `a`. Both
    /// are run in any case. What the other one has returned or thrown is dropped, and if that
    /// panics too, nobody is told.
    /// # Blocking
    /// While `b` runs elsewhere, the worker runs other jobs, so that there is no deadlock
    /// among calls of `join`, also in a pool of one thread. For the same reason no lock should
    /// be held around it: such a job might want it. And such a job runs on top of this frame,
    /// and may wait in its turn: many that wait, one in the other, take much
    /// [stack](super::Builder::stack_size).
    /// # Memory ordering
    /// What the caller has done before happens-before both, and both happen-before the return.
    /// # Cost
    /// If nobody steals `b`: a push and a pop, about ten nanoseconds. No allocation.
    ///
    /// # Example
    /// ```
    /// use threadbare::pool::{self, ThreadPool};
    ///
    /// fn sort(items: &mut [u32]) {
    ///     if items.len() < 2 {
    ///         return;
    ///     }
    ///     let (pivot, rest) = items.split_first_mut().unwrap();
    ///     let mut low = 0;
    ///     for i in 0..rest.len() {
    ///         if rest[i] < *pivot {
    ///             rest.swap(i, low);
    ///             low += 1;
    ///         }
    ///     }
    ///     items.swap(0, low);
    ///     let (low, rest) = items.split_at_mut(low);
    ///     pool::join(|| sort(low), || sort(&mut rest[1..])); // both borrow `items`
    /// }
    ///
    /// let pool = ThreadPool::new(2);
    /// let mut items = [5, 3, 9, 1, 4];
    /// pool.install(|| sort(&mut items));
    /// assert_eq!(items, [1, 3, 4, 5, 9]);
    /// ```
    ///
    /// What goes to another thread must be allowed to:
    ///
    /// ```compile_fail,E0277
    /// # let pool = threadbare::pool::ThreadPool::new(1);
    /// let shared = std::rc::Rc::new(1);
    /// pool.join(|| (), || println!("{shared}"));
    /// ```
    pub fn join<A, B, RA, RB>(&self, a: A, b: B) -> (RA, RB)
    where
        A: FnOnce() -> RA + Send,
        B: FnOnce() -> RB + Send,
        RA: Send,
        RB: Send,
    {
        on_worker(self.shared(), move |worker| match worker {
            Some(worker) => join_on(worker, |_| a(), |_| b()),
            None => one_by_one(a, b),
        })
    }
}

/// [`join`](join()), on a worker.
// ANCHOR: join
#[inline]
pub(super) fn join_on<A, B, RA, RB>(worker: &Worker, a: A, b: B) -> (RA, RB)
where
    A: FnOnce(&Worker) -> RA,
    B: FnOnce(Option<&Worker>) -> RB + Send,
    RB: Send,
{
    let job = StackJob::new(Stolen::new(worker), b);
    // SAFETY: called once. `a` is caught if it panics, and nothing else below unwinds before
    // `b` has been taken back, or the latch has been seen.
    if worker.push_or_full(unsafe { job.job() }).is_err() {
        // There is enough for others to steal.
        // SAFETY: the job has come back.
        let b = unsafe { job.take_back() };
        return one_by_one(|| a(worker), || b(Some(worker)));
    }
    let a = catch(|| a(worker));
    let newest = worker.pop();
    if is(newest.as_ref(), job.as_ptr())
        || has_come_back(worker, newest, job.signal(), job.as_ptr())
    {
        worker.count_executed();
        // SAFETY: this worker has the job, and has not run it.
        let b = unsafe { job.take_back() };
        match a {
            Ok(a) => {
                // If `b` panics, what `a` returned is dropped on the way out.
                let a = Quiet::new(a);
                let b = b(Some(worker));
                (a.into_inner(), b)
            }
            Err(payload) => {
                drop_quietly(catch(|| b(Some(worker))));
                panic::resume_unwind(payload)
            }
        }
    } else {
        // SAFETY: the latch is set.
        let b = unsafe { job.take_result() };
        both(a, b)
    }
}

/// `b` was not the newest job. Whether it is this worker that is to run it, after all;
/// otherwise it has been run.
#[cold]
fn has_come_back(
    worker: &Worker,
    mut newest: Option<Job>,
    latch: &Stolen,
    b: *const Header,
) -> bool {
    loop {
        match newest {
            None => worker.wait_until(&|| latch.is_set()),
            newest if is(newest.as_ref(), b) => return true,
            // Whoever has taken a job runs it.
            Some(other) => worker.execute(other),
        }
        if latch.is_set() {
            return false;
        }
        newest = worker.pop();
    }
}
// ANCHOR_END: join

#[inline]
fn is(job: Option<&Job>, this: *const Header) -> bool {
    job.is_some_and(|job| job.as_ptr() == this)
}

/// What both return; or what one of them panicked with, and if both did, `a`.
fn both<RA, RB>(a: thread::Result<RA>, b: thread::Result<RB>) -> (RA, RB) {
    match (a, b) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(payload), b) => {
            drop_quietly(b);
            panic::resume_unwind(payload)
        }
        (Ok(a), Err(payload)) => {
            drop_quietly(a);
            panic::resume_unwind(payload)
        }
    }
}

/// [`join`](join()), if `b` can't be given to anybody.
#[cold]
fn one_by_one<RA, RB>(a: impl FnOnce() -> RA, b: impl FnOnce() -> RB) -> (RA, RB) {
    let a = catch(a);
    both(a, catch(b))
}

/// Calls `f` on a worker of the pool: at once if the caller is one. If the pool takes nothing
/// any more, calls it here, without a worker.
///
/// # Blocking
/// Waits until it has run. A worker of another pool helps there meanwhile.
pub(super) fn on_worker<R: Send>(
    pool: &Arc<Shared>,
    f: impl FnOnce(Option<&Worker>) -> R + Send,
) -> R {
    Worker::with(|worker| match worker {
        Some(worker) if worker.is_of(pool) => f(Some(worker)),
        _ => from_outside(pool, f),
    })
}

#[cold]
fn from_outside<R: Send>(
    pool: &Shared,
    f: impl FnOnce(Option<&Worker>) -> R + Send,
) -> R {
    let job = StackJob::new(Done::new(), f);
    // SAFETY: called once. Nothing below unwinds before it has been seen to be done, or was
    // refused and so is nobody else's.
    if pool.inject_one(unsafe { job.job() }).is_err() {
        // SAFETY: it has been handed back.
        return unsafe { job.take_back() }(None);
    }
    job.signal().wait();
    // SAFETY: it is done.
    let result = unsafe { job.take_result() };
    result.unwrap_or_else(|payload| panic::resume_unwind(payload))
}

#[cfg(test)]
mod models;
