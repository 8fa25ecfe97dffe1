//! A job and its handle under the model checker: whoever is the last to need their memory
//! gives it back, and what the job has done is seen by whoever has waited.
#![allow(unsafe_code, reason = "what a job returns allows to reach a cell")]

use super::{Handle, Job, JobError, Task, chunk};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::ground::thread::{self, JoinHandle};
use crate::modelled::{holds, needs_its_orderings};

mod wrong;

/// A number in plain memory, of which the explorer sees each access.
struct Number(UnsafeCell<u32>);

// SAFETY: the job writes it, and who has waited reads it. The explorer is to find out whether
// that is so.
unsafe impl Sync for Number {}

/// A job that writes a number, and gives it to whoever waits.
fn spawn() -> (Job, Handle<Arc<Number>>) {
    let number = Arc::new(Number(UnsafeCell::new(0)));
    let job = move || {
        // SAFETY: nobody else has it yet.
        number.0.with_mut(|number| unsafe { *number += 1 });
        number
    };
    make(job)
}

/// A job, and its handle, in a chunk of their own.
fn make<T: Send>(run: impl FnOnce() -> T + Send + 'static) -> (Job, Handle<T>) {
    let made = Task::make(run, false);
    chunk::close_here();
    made
}

fn read(number: &Number) {
    // SAFETY: the job has ended.
    number.0.with(|number| assert_eq!(unsafe { *number }, 1));
}

fn run(job: Job) -> JoinHandle<()> {
    thread::spawn(move || job.run(None))
}

/// Somebody waits for it.
fn waited_for() {
    let (job, handle) = spawn();
    let worker = run(job);
    read(&handle.wait().unwrap());
    worker.join().unwrap();
}

/// Somebody looks, and takes what it returned if it is done. If not, it goes on alone.
fn looked_at() {
    let (job, handle) = spawn();
    let worker = run(job);
    if handle.is_done() {
        read(&handle.wait().unwrap());
    } else {
        drop(handle);
    }
    worker.join().unwrap();
}

/// The handle is dropped at any time.
fn let_go() {
    let (job, handle) = spawn();
    let worker = run(job);
    drop(handle);
    worker.join().unwrap();
}

/// Somebody waits for a job that never runs.
fn cancelled() {
    let (job, handle) = spawn();
    let worker = thread::spawn(move || job.cancel());
    assert!(matches!(
        handle.wait().map(|_| ()),
        Err(JobError::Cancelled)
    ));
    worker.join().unwrap();
}

/// Somebody waits for a job that panics.
fn panics() {
    let job = || std::panic::resume_unwind(Box::new(7));
    let (job, handle): (Job, Handle<()>) = make(job);
    let worker = run(job);
    match handle.wait() {
        Err(JobError::Panicked(payload)) => {
            assert_eq!(payload.downcast_ref(), Some(&7));
        }
        other => panic!("{other:?}"),
    }
    worker.join().unwrap();
}

/// Nobody takes it: it comes back.
fn refused() {
    fn seven() -> u32 {
        7
    }
    let (job, handle) = make(seven as fn() -> u32);
    let seven: fn() -> u32 = Task::undo(job, handle);
    assert_eq!(seven(), 7);
}

#[test]
fn a_job_and_its_handle_part_in_every_order() {
    holds("waited for", waited_for);
    holds("looked at", looked_at);
    holds("let go", let_go);
    holds("cancelled", cancelled);
    holds("panics", panics);
    holds("refused", refused);
}

#[test]
fn each_ordering_of_the_handle_is_needed() {
    let models: [(_, fn()); 3] = [
        ("waited for", waited_for),
        ("looked at", looked_at),
        ("let go", let_go),
    ];
    // Here a chunk has one job. With more, `chunk` needs them: see the models there.
    let kept = [
        // ORDERING: text, no operation. It pairs with itself in `take_off`.
        "left.fetch_sub: AcqRel -> Acquire",
        // ORDERING: text, no operation. It pairs with itself in `take_off`.
        "left.fetch_sub: AcqRel -> Release",
    ];
    needs_its_orderings("spawn", &models, &kept);
}
