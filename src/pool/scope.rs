//! Jobs that borrow from the frame of whoever spawns them.
//!
//! A job of [`ThreadPool::spawn`] may run at any time, and so borrow nothing that ends. In a
//! scope it can, because **`scope` does not return before the last job has ended**, also if
//! its body panics, or a job does. The lifetimes are those of `std::thread::scope`: `'env` is
//! what the jobs may borrow, and outlives `'scope`, in which they run.
//!
//! One counter says how many have not ended. The body counts as one, so that it is not zero
//! while the body may spawn more; so does each job, which may do the same. Whoever brings it
//! to zero was the last, and if that is not the body, sets the latch for which the body waits.
//!
//! What a job must not touch, and when:
//!
//! 1. It takes its closure out of its [chunk], and ends its use of that.
//! 2. It runs the closure, which may use what it borrows. If it panics, the payload goes to
//!    the scope.
//! 3. It takes itself off the counter. **From here on the scope may be gone**, and all that is
//!    borrowed with it. Only the last one knows that it isn't, for the body waits for the
//!    latch, which nobody but the last one sets.
//!
//! [chunk]: super::chunk
#![allow(
    unsafe_code,
    reason = "the types and lifetimes of jobs are erased in the ring"
)]

use std::alloc::Layout;
use std::fmt;
use std::marker::PhantomData;
use std::panic;
use std::ptr::NonNull;

use super::chunk::{self, Chunk};
use super::global::here_or_global;
use super::job::{Header, Job, Kind, Table};
use super::shared::Shared;
use super::stack_job::{Done, Payload, catch, drop_quietly};
use super::thread_pool::ThreadPool;
use super::worker::Worker;
use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed},
};
use crate::ground::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where jobs are spawned that may borrow what is older than the scope. Made by
/// [`ThreadPool::scope`] and [`scope`](scope()).
pub struct Scope<'scope, 'env: 'scope> {
    inner: Inner,
    /// Neither lifetime can be made longer or shorter: as in [`std::thread::Scope`].
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// What the jobs know of their scope.
struct Inner {
    pool: Arc<Shared>,
    count: Count,
    /// Of the job that panicked first.
    panicked: Mutex<Option<Payload>>,
}

/// Runs `body`, which can spawn jobs that borrow from the caller's frame, and returns when all
/// of them have ended.
///
/// It uses the pool whose worker calls it, or else [`global()`](super::global()): see
/// [`ThreadPool::scope`].
///
/// ```
/// use threadbare::pool;
///
/// let mut halves = [0, 0];
/// let [first, second] = &mut halves;
/// pool::scope(|s| {
///     s.spawn(|| *first = 1);
///     s.spawn(|| *second = 2);
/// });
/// assert_eq!(halves, [1, 2]);
/// ```
pub fn scope<'env, F, R>(body: F) -> R
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
{
    here_or_global(|pool| scope_in(pool, body))
}

impl<const TRACED: bool> ThreadPool<TRACED> {
    /// Runs `body`, which can spawn jobs that borrow from the caller's frame, and returns when
    /// all of them have ended.
    ///
    /// The body runs on the calling thread, the jobs on the pool's workers. They may spawn
    /// more jobs in the same scope.
    ///
    /// # Panics
    /// If the body does, or else if a job does, with what it panicked with; of several jobs
    /// that panic, with that of the first. In any case after all jobs have ended.
    /// # Blocking
    /// Returns when all jobs have ended. A worker runs jobs meanwhile, so that there is no
    /// deadlock among scopes in scopes, also in a pool of one thread; another thread sleeps.
    /// Such a job runs on top of this frame, and may wait in its turn: many that wait, one in
    /// the other, take much [stack](super::Builder::stack_size).
    /// # Memory ordering
    /// What was done before [`spawn`](Scope::spawn) happens-before the job, and all jobs
    /// happen-before the return.
    /// # Cost
    /// At most one allocation for each 64 jobs.
    ///
    /// # Example
    /// ```
    /// use threadbare::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::new(2);
    /// let text = String::from("to be or not to be");
    /// let (mut words, mut letters) = (0, 0);
    /// pool.scope(|s| {
    ///     s.spawn(|| words = text.split(' ').count());
    ///     s.spawn(|| letters = text.chars().filter(|c| c.is_alphabetic()).count());
    /// });
    /// assert_eq!((words, letters), (6, 13));
    /// ```
    ///
    /// A job can't borrow what ends before the scope does:
    ///
    /// ```compile_fail,E0373
    /// # let pool = threadbare::pool::ThreadPool::new(1);
    /// pool.scope(|s| {
    ///     let local = 1;
    ///     s.spawn(|| println!("{local}"));
    /// });
    /// ```
    ///
    /// And nothing that jobs might change is in reach before they have ended:
    ///
    /// ```compile_fail,E0506
    /// # let pool = threadbare::pool::ThreadPool::new(1);
    /// let mut count = 0;
    /// pool.scope(|s| {
    ///     s.spawn(|| count += 1);
    ///     count = 2;
    /// });
    /// ```
    pub fn scope<'env, F, R>(&self, body: F) -> R
    where
        F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
    {
        scope_in(self.shared(), body)
    }
}

fn scope_in<'env, F, R>(pool: &Arc<Shared>, body: F) -> R
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
{
    let scope = Scope {
        inner: Inner {
            pool: Arc::clone(pool),
            count: Count::new(),
            panicked: Mutex::new(None),
        },
        scope: PhantomData,
        env: PhantomData,
    };
    let result = catch(|| body(&scope));
    // Nothing unwinds between here and the end of the wait.
    scope.inner.count.wait();
    let panicked = scope.inner.kept().take();
    match (result, panicked) {
        (Ok(result), None) => result,
        (Err(payload), other) => {
            drop_quietly(other);
            panic::resume_unwind(payload)
        }
        (Ok(result), Some(payload)) => {
            drop_quietly(result);
            panic::resume_unwind(payload)
        }
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Spawns a job. It may borrow what lives as long as the scope, which is to say what was
    /// there before it, and the scope itself.
    ///
    /// A worker of the scope's pool puts it into its own ring, another thread into the queue
    /// for jobs from outside. If the pool takes no more from outside, because it was shut
    /// down, the job runs here, before this returns.
    ///
    /// # Cost
    /// An atomic addition and a push. An allocation for each 64 jobs, or fewer if their
    /// closures are larger than about 16 KiB.
    ///
    /// # Example
    /// A job that spawns more:
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    /// use threadbare::pool::{Scope, ThreadPool};
    ///
    /// fn walk<'scope>(s: &'scope Scope<'scope, '_>, depth: u32, leaves: &'scope AtomicU32) {
    ///     if depth == 0 {
    ///         // ORDERING: Relaxed. Only the sum matters.
    ///         leaves.fetch_add(1, Relaxed);
    ///         return;
    ///     }
    ///     for _ in 0..2 {
    ///         s.spawn(move || walk(s, depth - 1, leaves));
    ///     }
    /// }
    ///
    /// let leaves = AtomicU32::new(0);
    /// ThreadPool::new(2).scope(|s| walk(s, 4, &leaves));
    /// assert_eq!(leaves.into_inner(), 16);
    /// ```
    // ANCHOR: spawn
    pub fn spawn<F>(&'scope self, f: F)
    where
        F: FnOnce() + Send + 'scope,
    {
        let inner = &self.inner;
        inner.count.add();
        let job = ScopeJob::put(inner, f);
        Worker::with(|worker| match worker {
            Some(worker) if worker.is_of(&inner.pool) => worker.push(job),
            _ => inner.push_from_outside(job),
        });
    }
    // ANCHOR_END: spawn
}

impl Inner {
    #[cold]
    fn push_from_outside(&self, job: Job) {
        if let Err((refused, _)) = self.pool.inject_one(job) {
            refused.run(None);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<Payload>> {
        self.panicked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, payload: Payload) {
        let mut kept = self.kept();
        let later = match *kept {
            None => kept.replace(payload),
            Some(_) => Some(payload),
        };
        drop(kept);
        // What it carries may panic when it is dropped, and then so may what that throws. The
        // job has not ended yet: if this unwound, the scope would wait for ever.
        drop_quietly(later);
    }
}

/// How many have not ended: jobs, and the body.
struct Count {
    left: AtomicUsize,
    /// Set by the last one, if that is not the body.
    done: Done,
}

impl Count {
    /// Of the body, on whose thread this is called.
    fn new() -> Self {
        Self {
            left: AtomicUsize::new(1).named("left"),
            done: Done::new(),
        }
    }

    /// One more. Whoever calls this has not ended.
    fn add(&self) {
        // ORDERING: Relaxed. The count can't become zero meanwhile, for the caller is counted
        // too, and nothing is read on the strength of it.
        self.left.fetch_add(1, Relaxed);
    }

    /// A job has ended.
    ///
    /// # Safety
    /// It has been counted. It does not touch anything of the scope's any more, nor what it
    /// has borrowed.
    // ANCHOR: end
    unsafe fn end(this: NonNull<Self>) {
        // SAFETY: the count is not zero, for the caller is in it.
        let left = unsafe { &(*this.as_ptr()).left };
        // ORDERING: AcqRel. Release: what this job did comes before the count is zero; Acquire:
        // if it is now, then so does what the others did. Pairs with itself, and with the
        // Acquire in `wait`.
        if left.fetch_sub(1, AcqRel) == 1 {
            // SAFETY: the body waits for this, as its own end was not the last, and so all of
            // this is still there. It is set once, for only one can be the last.
            unsafe {
                Done::set_done(NonNull::new_unchecked(
                    (&raw const (*this.as_ptr()).done).cast_mut(),
                ))
            };
        }
    }
    // ANCHOR_END: end

    /// The body has ended: waits for the jobs.
    fn wait(&self) {
        // ORDERING: Acquire pairs with the Release in `end`: if this was the last, it sees what
        // the jobs did. Nobody has to see what the body did.
        if self.left.fetch_sub(1, Acquire) != 1 {
            self.done.wait();
        }
    }
}

/// A job, in a chunk.
// ANCHOR: chunk
#[repr(C)]
struct ScopeJob<F> {
    header: Header,
    /// Waits until the job has ended.
    scope: NonNull<Inner>,
    /// Where the job lies.
    chunk: NonNull<Chunk>,
    todo: F,
}
// ANCHOR_END: chunk

impl<F: FnOnce() + Send> ScopeJob<F> {
    const TABLE: Table = Table {
        run: Self::run,
        cancel: Self::cancel,
        kind: Kind::Inner,
    };

    /// Puts a job that has been counted into a chunk.
    fn put(scope: &Inner, todo: F) -> Job {
        let room = chunk::take(Layout::new::<Self>());
        let header = Header::new(&Self::TABLE);
        let (scope, chunk) = (NonNull::from(scope), room.chunk);
        let to = room.memory.cast::<Self>();
        // SAFETY: it has room and is aligned for this, and is nobody else's. The closure may
        // be sent, and so the job may run anywhere; it lies there until it is run, once, and
        // all that it borrows outlives the scope, which waits for it.
        unsafe {
            to.write(Self {
                header,
                scope,
                chunk,
                todo,
            });
            Job::new(to.cast())
        }
    }

    unsafe fn run(header: NonNull<Header>, _: Option<&Worker>) {
        let this = header.cast::<Self>();
        // SAFETY: the job is still there, and this is who runs it. What is taken out is not
        // used where it was any more; then the room is given back.
        let (scope, todo) = unsafe {
            let chunk = (*this.as_ptr()).chunk;
            Chunk::read(chunk);
            let Self { scope, todo, .. } = this.read();
            Chunk::end(chunk);
            (scope, todo)
        };
        if let Err(payload) = catch(todo) {
            // SAFETY: the scope waits for this job.
            unsafe { scope.as_ref() }.keep(payload);
        }
        // SAFETY: as above, and it has been counted. From here on it is not touched.
        unsafe {
            Count::end(NonNull::new_unchecked(
                (&raw const (*scope.as_ptr()).count).cast_mut(),
            ))
        };
    }

    /// The scope waits for it, so it is run in any case.
    unsafe fn cancel(header: NonNull<Header>) {
        // SAFETY: as the caller says, the job is there, and is done with after this.
        unsafe { Self::run(header, None) };
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;
