//! Calling a function on a worker, and waiting for it.

#![allow(
    unsafe_code,
    reason = "the job lies in the frame of whoever waits for it"
)]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;

use super::job::{Header, Job, Kind, Table};
use super::latch::Latch;
use super::shared::Shared;
use super::worker::Worker;
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::ground::thread;

#[repr(C)]
struct Call<F, R> {
    header: Header,
    latch: Latch,
    run: UnsafeCell<Option<F>>,
    result: UnsafeCell<Option<thread::Result<R>>>,
}

impl<F: FnOnce() -> R + Send, R: Send> Call<F, R> {
    const TABLE: Table = Table {
        run: Self::run,
        cancel: Self::cancel,
        kind: Kind::Inner,
    };

    /// # Safety
    /// The job is run once, while its frame is there.
    unsafe fn run(job: NonNull<Header>, _worker: Option<&Worker>) {
        let this = job.cast::<Self>();
        // SAFETY: the frame is there until the latch is set.
        let call = unsafe { this.as_ref() };
        // SAFETY: until then both cells are the job's.
        let run = call.run.with_mut(|run| unsafe { (*run).take() });
        let run = run.expect("a job is run once");
        let result = catch_unwind(AssertUnwindSafe(run));
        // SAFETY: as above.
        call.result.with_mut(|at| unsafe { *at = Some(result) });
        // SAFETY: it is set here only.
        unsafe { Latch::set(&raw const (*this.as_ptr()).latch) };
    }

    /// # Safety
    /// It is never called.
    unsafe fn cancel(_job: NonNull<Header>) {
        unreachable!("somebody waits for it");
    }
}

/// Calls `run` on a worker of the pool; here, if it refuses.
pub(super) fn install<F, R>(shared: &Arc<Shared>, run: F) -> R
where
    F: FnOnce() -> R + Send,
    R: Send,
{
    let worker = Worker::current();
    if worker.is_some_and(|worker| worker.is_of(shared)) {
        return run();
    }
    let call = Call {
        header: Header::new(&Call::<F, R>::TABLE),
        latch: Latch::new(None),
        run: UnsafeCell::new(Some(run)),
        result: UnsafeCell::new(None),
    };
    // SAFETY: the closure and its result are `Send`, and this frame waits.
    let job = unsafe { Job::new(NonNull::from(&call).cast()) };
    if let Err((_job, _reason)) = shared.inject_one(job) {
        let run = call.run.into_inner().expect("it was refused");
        return run();
    }
    call.latch.wait(None);
    match call.result.into_inner().expect("the latch is set") {
        Ok(result) => result,
        Err(thrown) => resume_unwind(thrown),
    }
}
