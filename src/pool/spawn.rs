//! Jobs that are handed to a pool one by one, or in a batch, and the handles to wait for
//! them.

#![allow(unsafe_code, reason = "a job and its handle share one piece of memory")]

use std::alloc::Layout;
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use super::chunk::{self, Chunk, Room};
use super::job::{Header, Job, Kind, List, Table};
use super::latch::{self, Waker};
pub use super::refused::{Reason, Refused};
use super::stack_job::{catch, drop_quietly};
use super::worker::Worker;
use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Release},
};
use crate::ground::cell::UnsafeCell;

/// The job has not ended, and its handle is there.
const PENDING: u32 = 0;
/// As `PENDING`, and the handle has left a waker.
const WAITED: u32 = 1;
/// The job has ended. What it returned belongs to the handle, and so does the memory.
const DONE: u32 = 2;
/// The handle is gone: the memory is the job's.
const DETACHED: u32 = 3;

/// What lies where, by and by.
enum Stage<F, T> {
    Job(F),
    Ended(Result<T, JobError>),
    Empty,
}

/// A spawned job, in a [`Chunk`] of many.
#[repr(C)]
struct Task<F, T> {
    header: Header,
    /// Where it lies.
    chunk: NonNull<Chunk>,
    state: AtomicU32,
    /// In the frame of `wait`, which does not end before the job has.
    waker: UnsafeCell<Option<NonNull<Waker>>>,
    stage: UnsafeCell<Stage<F, T>>,
}

// A small job takes one cache line, and so one miss of the worker that runs it.
#[cfg(all(not(test), target_pointer_width = "64"))]
const _: () = assert!(size_of::<Task<[usize; 2], ()>>() <= 64);

impl<F, T> Task<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    const SPAWNED: Table = Self::table(Kind::Spawned);
    const BOUNDED: Table = Self::table(Kind::Bounded);

    const fn table(kind: Kind) -> Table {
        Table {
            run: Self::run,
            cancel: Self::cancel,
            kind,
        }
    }

    /// A job, and the handle to it.
    fn make(run: F, bounded: bool) -> (Job, Handle<T>) {
        let table = if bounded {
            &Self::BOUNDED
        } else {
            &Self::SPAWNED
        };
        let Room { chunk, memory } = chunk::take(Layout::new::<Self>());
        let task = memory.cast::<Self>();
        let begin = Self {
            header: Header::new(table),
            chunk,
            state: AtomicU32::new(PENDING).named("task"),
            waker: UnsafeCell::new(None),
            stage: UnsafeCell::new(Stage::Job(run)),
        };
        // SAFETY: the room is for such a task, and nobody else's.
        unsafe { task.write(begin) };
        let handle = Handle {
            task: task.cast(),
            table: const {
                &HandleTable {
                    state: Self::state,
                    set_waker: Self::set_waker,
                    take: Self::take,
                    free: Self::free,
                }
            },
            of: PhantomData,
        };
        // SAFETY: the closure and what it returns are `Send` and `'static`, and the task
        // lives until it has ended.
        (unsafe { Job::new(task.cast()) }, handle)
    }

    /// # Safety
    /// For the job: it is the only one, and not run yet.
    unsafe fn run(job: NonNull<Header>, _worker: Option<&Worker>) {
        let task = job.cast::<Self>();
        // SAFETY: the memory lives until the job has ended.
        let stage = unsafe { &task.as_ref().stage };
        // SAFETY: until then the stage is the job's.
        let now = stage.with_mut(|at| unsafe { at.replace(Stage::Empty) });
        let Stage::Job(run) = now else {
            unreachable!("a job is run once");
        };
        let ended = catch(run);
        // SAFETY: as above.
        unsafe { Self::end(task, ended.map_err(JobError::Panicked)) };
    }

    /// # Safety
    /// As `run`.
    unsafe fn cancel(job: NonNull<Header>) {
        let task = job.cast::<Self>();
        // SAFETY: as in `run`.
        let stage = unsafe { &task.as_ref().stage };
        // SAFETY: as in `run`.
        let now = stage.with_mut(|at| unsafe { at.replace(Stage::Empty) });
        drop_quietly(now);
        // SAFETY: as in `run`.
        unsafe { Self::end(task, Err(JobError::Cancelled)) };
    }

    /// # Safety
    /// The job has not ended.
    unsafe fn end(task: NonNull<Self>, with: Result<T, JobError>) {
        // SAFETY: it has not ended, so the memory is there and the stage is the job's.
        let this = unsafe { task.as_ref() };
        // SAFETY: as above.
        this.stage
            .with_mut(|at| unsafe { *at = Stage::Ended(with) });
        // ORDERING: Acquire. The handle is done with all; pairs with the Release in `drop`. It
        // mostly is, where jobs are many and small, and a load is cheaper than an exchange.
        if this.state.load(Acquire) == DETACHED {
            // SAFETY: the handle is gone, so nobody else has the memory.
            return unsafe { Self::free(task.cast()) };
        }
        // ORDERING: Release. What it returned is written; pairs with the Acquire in
        // `is_done`. Acquire if it fails: the waker is there, or the handle is done with all;
        // pairs with the Release in `wait` and in `drop`.
        let was = this.state.compare_exchange(PENDING, DONE, Release, Acquire);
        match was {
            Ok(_) => {}
            Err(WAITED) => {
                // SAFETY: the handle has left it, and leaves it alone until it is done.
                let waker = this.waker.with(|at| unsafe { *at });
                let waker = waker.expect("the handle has left one");
                // SAFETY: `wait` returns only when it is done: the waker is still there. A
                // clone of it may be used afterwards.
                let waker = unsafe { waker.as_ref() }.clone();
                // ORDERING: Release, as above; pairs with the Acquire in `is_done`. From here
                // on the memory is the handle's, and the waker is gone.
                this.state.store(DONE, Release);
                waker.wake();
            }
            // SAFETY: the handle is gone, so nobody else has the memory.
            Err(_) => unsafe { Self::free(task.cast()) },
        }
    }

    /// # Safety
    /// For the handle, as long as it has its share.
    unsafe fn state<'a>(task: NonNull<()>) -> &'a AtomicU32 {
        // SAFETY: the memory lives as long as the handle's share.
        unsafe { &task.cast::<Self>().as_ref().state }
    }

    /// # Safety
    /// As `state`, while that is `PENDING`; the waker lives until it is `DONE`.
    unsafe fn set_waker(task: NonNull<()>, waker: NonNull<Waker>) {
        // SAFETY: as in `state`.
        let cell = unsafe { &task.cast::<Self>().as_ref().waker };
        // SAFETY: the job takes it only when the state says that it is there.
        cell.with_mut(|at| unsafe { *at = Some(waker) });
    }

    /// # Safety
    /// The state is `DONE`, and nothing of the handle's is used afterwards.
    unsafe fn take(task: NonNull<()>) -> Result<T, JobError> {
        // SAFETY: it has ended, so all of it is the handle's.
        match unsafe { Self::take_out(task.cast()) } {
            Stage::Ended(with) => with,
            _ => unreachable!("it has ended"),
        }
    }

    /// # Safety
    /// Nobody else has the task.
    unsafe fn free(task: NonNull<()>) {
        // SAFETY: see above.
        drop_quietly(unsafe { Self::take_out(task.cast()) });
    }

    /// Takes the task apart, and gives its memory back.
    ///
    /// # Safety
    /// Nobody else has the task.
    unsafe fn take_out(task: NonNull<Self>) -> Stage<F, T> {
        // SAFETY: it lies in its chunk until `end`, and is moved out once.
        let Self { chunk, stage, .. } = unsafe { task.read() };
        // SAFETY: as above; nothing of it is used from here on.
        unsafe {
            Chunk::read(chunk);
            Chunk::end(chunk);
        }
        stage.into_inner()
    }

    /// Takes back a job that nobody has taken.
    fn undo(job: Job, handle: Handle<T>) -> F {
        let task = job.into_raw().cast::<Self>();
        let _handle = ManuallyDrop::new(handle);
        // SAFETY: whoever has both the job and the handle has all.
        match unsafe { Self::take_out(task) } {
            Stage::Job(run) => run,
            _ => unreachable!("it has not been run"),
        }
    }
}

/// What a handle can do, whatever the closure is.
struct HandleTable<T> {
    state: unsafe fn(NonNull<()>) -> &'static AtomicU32,
    set_waker: unsafe fn(NonNull<()>, NonNull<Waker>),
    take: unsafe fn(NonNull<()>) -> Result<T, JobError>,
    free: unsafe fn(NonNull<()>),
}

/// Waits for a job that was spawned. Dropping it lets the job go on alone.
///
/// ```
/// use threadbare::pool::ThreadPool;
///
/// let pool = ThreadPool::new(2);
/// let sum = pool.spawn(|| 1 + 2).unwrap();
/// assert_eq!(sum.wait().unwrap(), 3);
/// ```
#[must_use = "a handle that is dropped lets the job go on alone"]
pub struct Handle<T: 'static> {
    task: NonNull<()>,
    table: &'static HandleTable<T>,
    of: PhantomData<T>,
}

// SAFETY: a `T` goes through it, and nothing else.
unsafe impl<T: Send> Send for Handle<T> {}
// SAFETY: a shared handle only says whether the job has ended.
unsafe impl<T: Send> Sync for Handle<T> {}

impl<T> Handle<T> {
    fn state(&self) -> &AtomicU32 {
        // SAFETY: the handle has its share.
        unsafe { (self.table.state)(self.task) }
    }

    /// Whether the job has ended: returned, panicked, or was cancelled.
    ///
    /// # Memory ordering
    /// If it has, all that it did happens-before this call's return.
    #[must_use]
    pub fn is_done(&self) -> bool {
        // ORDERING: Acquire. Pairs with the Release in `end`.
        self.state().load(Acquire) == DONE
    }

    /// Waits until the job has ended, and takes what it returned.
    ///
    /// # Errors
    /// [`JobError::Panicked`] with what the job threw, [`JobError::Cancelled`] if it never
    /// ran.
    /// # Blocking
    /// A worker, of this pool or of another, runs other jobs of its own pool meanwhile, so
    /// that a job may wait for a job, also in a pool of one thread. Such a job runs on top of
    /// this frame, and may wait in its turn: many that wait, one in the other, take much
    /// [stack](super::Builder::stack_size). Another thread sleeps on a futex. Spurious wakes
    /// are absorbed.
    /// # Memory ordering
    /// All that the job did happens-before this call's return.
    /// # Cost
    /// If it has ended: one load. No allocation.
    ///
    /// ```
    /// use threadbare::pool::{JobError, ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let fails = pool.spawn(|| std::panic::panic_any(7)).unwrap();
    /// let Err(JobError::Panicked(payload)) = fails.wait() else { unreachable!() };
    /// assert_eq!(payload.downcast_ref(), Some(&7));
    /// assert_eq!(pool.spawn(|| 8).unwrap().wait().unwrap(), 8, "the worker lives on");
    /// ```
    pub fn wait(self) -> Result<T, JobError> {
        if !self.is_done() {
            let waker = Waker::current();
            // SAFETY: it is pending: nobody else makes it `WAITED`. And if it becomes so, this
            // waits until it is done.
            unsafe { (self.table.set_waker)(self.task, NonNull::from(&waker)) };
            let state = self.state();
            // ORDERING: Release. The waker is there; pairs with the Acquire in `end`. Acquire
            // if it fails: it is done, as in `is_done`.
            let waits = state.compare_exchange(PENDING, WAITED, Release, Acquire);
            if waits.is_ok() {
                latch::wait_until(&|| self.is_done());
            }
        }
        let this = ManuallyDrop::new(self);
        // SAFETY: it is done, and the handle is never used again.
        unsafe { (this.table.take)(this.task) }
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        let state = self.state();
        // ORDERING: Release. The handle is done with the task; pairs with the Acquire in
        // `end`. Acquire if it fails: it is done, as in `is_done`.
        let gone = state.compare_exchange(PENDING, DETACHED, Release, Acquire);
        if gone.is_err() {
            // SAFETY: it is done, so all of it is the handle's.
            unsafe { (self.table.free)(self.task) };
        }
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("is_done", &self.is_done())
            .finish_non_exhaustive()
    }
}

/// Why there is nothing that a job returned.
#[derive(Debug)]
pub enum JobError {
    /// It panicked, with this payload.
    Panicked(Box<dyn Any + Send>),
    /// It was taken back before it had started, and dropped.
    Cancelled,
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Panicked(_) => "the job panicked",
            Self::Cancelled => "the job was cancelled before it had started",
        })
    }
}

impl Error for JobError {}

/// Hands a job to `push`, which may refuse it.
pub(super) fn spawn<F, T>(
    run: F,
    bounded: bool,
    push: impl FnOnce(Job) -> Result<(), (Job, Reason)>,
) -> Result<Handle<T>, Refused<F>>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (job, handle) = Task::make(run, bounded);
    match push(job) {
        Ok(()) => Ok(handle),
        Err((job, reason)) => {
            Err(Refused::new(Task::<F, T>::undo(job, handle), reason))
        }
    }
}

/// Many jobs that are handed to a pool at once: with one exchange, and one notification, after
/// which as many workers come as there are jobs.
///
/// Dropping it cancels its jobs.
///
/// ```
/// use threadbare::pool::{Batch, ThreadPool};
///
/// let mut batch = Batch::new();
/// let handles: Vec<_> = (0..4).map(|n| batch.push(move || n * n)).collect();
/// let pool = ThreadPool::new(2);
/// pool.spawn_batch(batch).unwrap();
/// let squares = handles.into_iter().map(|handle| handle.wait().unwrap());
/// assert_eq!(squares.sum::<i32>(), 14);
/// ```
#[derive(Debug, Default)]
pub struct Batch {
    jobs: List,
}

// SAFETY: through a shared one nobody reaches a job, only their number: what runs, links or
// drops a job needs the batch itself, or `&mut`.
unsafe impl Sync for Batch {}

impl Batch {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a job.
    pub fn push<F, T>(&mut self, run: F) -> Handle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (job, handle) = Task::make(run, false);
        self.jobs.push_back(job);
        handle
    }

    /// How many jobs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    pub(super) fn take(&mut self) -> List {
        std::mem::take(&mut self.jobs)
    }

    pub(super) fn of(jobs: List) -> Self {
        Self { jobs }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        while let Some(job) = self.jobs.pop_front() {
            job.cancel();
        }
    }
}

/// A job that was accepted and had not started when the pool was shut down.
#[must_use = "dropping it cancels the job"]
#[derive(Debug)]
pub struct Unstarted {
    job: Option<Job>,
}

// SAFETY: nothing can be done with the job through a shared one, not even asked.
unsafe impl Sync for Unstarted {}

impl Unstarted {
    pub(super) fn new(job: Job) -> Self {
        Self { job: Some(job) }
    }

    /// Runs it on the calling thread. What it returns, or throws, goes to its handle.
    pub fn run(mut self) {
        if let Some(job) = self.job.take() {
            Worker::with(|worker| job.run(worker));
        }
    }
}

impl Drop for Unstarted {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            job.cancel();
        }
    }
}

#[cfg(test)]
mod models;
