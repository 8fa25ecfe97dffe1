//! A job in the frame of somebody who waits for it.
//!
//! Nothing is allocated for it. The frame must not end before the job has: see `join_on` and
//! `on_worker`, the only ones who make such jobs. And whoever runs it must not touch it any
//! more once it has said that it is done: the frame may be gone then.
#![allow(
    unsafe_code,
    reason = "a job lies in a frame, and its type is erased in the ring"
)]

use std::any::Any;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::panic::{self, AssertUnwindSafe};
use std::ptr::{self, NonNull};

use super::job::{Header, Job, Kind, Table};
use super::latch::{self, Waker};
use super::worker::Worker;
use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::thread;

/// What a panic carries.
pub(super) type Payload = Box<dyn Any + Send>;

/// Calls `f`, and brings back what it returns, or what it panics with.
#[inline]
pub(super) fn catch<R>(f: impl FnOnce() -> R) -> thread::Result<R> {
    // Whoever gets the payload carries it on, before anybody looks at what `f` has left.
    panic::catch_unwind(AssertUnwindSafe(f))
}

/// Drops something that others have made, and that may panic when it is dropped. So does
/// nothing here: whoever drops it has somebody waiting, or carries on another panic.
pub(super) fn drop_quietly<V>(value: V) {
    if let Err(thrown) = catch(move || drop(value)) {
        // It might throw again, and so on.
        let _thrown = ManuallyDrop::new(thrown);
    }
}

/// What is dropped quietly if a panic comes by.
pub(super) struct Quiet<V>(Option<V>);

impl<V> Quiet<V> {
    #[inline]
    pub(super) fn new(value: V) -> Self {
        Self(Some(value))
    }

    #[inline]
    pub(super) fn into_inner(mut self) -> V {
        self.0.take().expect("it is taken once")
    }
}

impl<V> Drop for Quiet<V> {
    #[inline]
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            drop_quietly(value);
        }
    }
}

/// How a job says that it is done.
pub(super) trait Signal {
    /// Says so, and wakes who waits.
    ///
    /// # Safety
    /// `this` has not been set. It may be gone when this returns: nothing of it may be touched
    /// once whoever waits can see that it is set.
    unsafe fn set(this: NonNull<Self>, worker: Option<&Worker>);
}

/// A latch for a worker, and for a job that a worker of the same pool runs.
#[derive(Debug)]
pub(super) struct Stolen {
    word: AtomicU32,
    /// The index of the worker that waits.
    waiter: usize,
}

impl Stolen {
    /// For `worker` to wait for.
    #[inline]
    pub(super) fn new(worker: &Worker) -> Self {
        Self {
            word: AtomicU32::new(0).named("latch"),
            waiter: worker.index(),
        }
    }

    /// Whether the job has been run.
    pub(super) fn is_set(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `set`: the result is seen. That a waiter who
        // goes to sleep sees it, or is seen to sleep, is for the fences of `sleep` and `wake`.
        self.word.load(Acquire) == 1
    }
}

impl Signal for Stolen {
    // ANCHOR: set
    unsafe fn set(this: NonNull<Self>, worker: Option<&Worker>) {
        let worker = worker.expect("a worker of the pool runs it");
        // SAFETY: it is not set, so it is there. This is read before it is.
        let waiter = unsafe { (*this.as_ptr()).waiter };
        // SAFETY: as above, and nothing of it is touched after the store.
        let word = unsafe { &(*this.as_ptr()).word };
        // ORDERING: Release. The result is there; pairs with the Acquire in `is_set`.
        word.store(1, Release);
        // The waiter's place belongs to the pool, of which this worker has a share.
        worker.shared().sleep().wake(waiter);
    }
    // ANCHOR_END: set
}

/// A latch for any thread: a worker of any pool, or none.
#[derive(Debug)]
pub(super) struct Done {
    done: AtomicBool,
    waker: Waker,
}

impl Done {
    /// For the calling thread to wait for.
    pub(super) fn new() -> Self {
        Self {
            done: AtomicBool::new(false).named("done"),
            waker: Waker::current(),
        }
    }

    fn is_set(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `set_done`: all that was done before is
        // seen.
        self.done.load(Acquire)
    }

    /// Waits until it is set. Only for the thread that has made it.
    pub(super) fn wait(&self) {
        latch::wait_until(&|| self.is_set());
    }

    /// Sets it, and wakes who waits.
    ///
    /// # Safety
    /// As [`Signal::set`].
    pub(super) unsafe fn set_done(this: NonNull<Self>) {
        // SAFETY: it is not set, so it is there. This borrow ends before it is set.
        let waker = unsafe { this.as_ref() }.waker.clone();
        // SAFETY: as above, and nothing of it is touched after the store.
        let done = unsafe { &(*this.as_ptr()).done };
        // ORDERING: Release. What comes before it is done; pairs with the Acquire in `is_set`.
        done.store(true, Release);
        waker.wake();
    }
}

impl Signal for Done {
    unsafe fn set(this: NonNull<Self>, _: Option<&Worker>) {
        // SAFETY: by the caller.
        unsafe { Self::set_done(this) };
    }
}

/// The job.
// ANCHOR: job
#[repr(C)]
pub(super) struct StackJob<S, F, R> {
    header: Header,
    /// Set when the result is there.
    signal: S,
    /// Taken out by whoever runs it: once.
    todo: UnsafeCell<ManuallyDrop<F>>,
    /// Written by whoever has run it as a job. If the frame has taken it back, nobody does.
    result: UnsafeCell<MaybeUninit<thread::Result<R>>>,
}
// ANCHOR_END: job

impl<S, F, R> StackJob<S, F, R>
where
    S: Signal,
    F: FnOnce(Option<&Worker>) -> R + Send,
    R: Send,
{
    const TABLE: Table = Table {
        run: Self::run,
        cancel: Self::cancel,
        kind: Kind::Inner,
    };

    #[inline]
    pub(super) fn new(signal: S, todo: F) -> Self {
        Self {
            header: Header::new(&Self::TABLE),
            signal,
            todo: UnsafeCell::new(ManuallyDrop::new(todo)),
            result: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Something to tell it apart.
    #[inline]
    pub(super) fn as_ptr(&self) -> *const Header {
        ptr::from_ref(self).cast()
    }

    /// The job, for a queue.
    ///
    /// # Safety
    /// Called once. The caller does not return, and does not unwind, before it has taken the
    /// job back, or has seen the signal.
    #[inline]
    pub(super) unsafe fn job(&self) -> Job {
        // SAFETY: `F` may be sent, and so may its result. The rest is for the caller to keep.
        unsafe { Job::new(NonNull::from(self).cast()) }
    }

    #[inline]
    pub(super) fn signal(&self) -> &S {
        &self.signal
    }

    /// What there is to do.
    ///
    /// # Safety
    /// Called once, by whoever has the job.
    #[inline]
    pub(super) unsafe fn take_back(&self) -> F {
        // SAFETY: nobody else has it, and it is still there.
        self.todo
            .with_mut(|todo| unsafe { ManuallyDrop::take(&mut *todo) })
    }

    /// What has come out.
    ///
    /// # Safety
    /// Called once, when the signal has been set.
    pub(super) unsafe fn take_result(&self) -> thread::Result<R> {
        // SAFETY: it was written before that, and nobody takes it twice.
        self.result
            .with(|result| unsafe { (*result).assume_init_read() })
    }

    // ANCHOR: run
    unsafe fn run(header: NonNull<Header>, worker: Option<&Worker>) {
        let this = header.cast::<Self>();
        // SAFETY: the frame waits for the signal, so it is there, and this runs once.
        let signal = unsafe {
            let todo = this.as_ref().take_back();
            let result = catch(|| todo(worker));
            this.as_ref().result.with_mut(|to| (*to).write(result));
            NonNull::new_unchecked((&raw const (*this.as_ptr()).signal).cast_mut())
        };
        // The frame may end as soon as this is seen, so it comes last.
        // SAFETY: it has not been set, for only this sets it.
        unsafe { S::set(signal, worker) };
    }
    // ANCHOR_END: run

    /// Somebody waits for it, so it is run in any case.
    unsafe fn cancel(header: NonNull<Header>) {
        // SAFETY: as the caller says, the job is there, and is done with after this.
        unsafe { Self::run(header, None) };
    }
}
