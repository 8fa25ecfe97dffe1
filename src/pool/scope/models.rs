//! The count of a scope under the model checker: the frame of the scope may end when, and only
//! when, all jobs have ended. Counts that are wrong by a line are in `wrong`.
#![allow(unsafe_code, reason = "jobs borrow from a frame that ends")]

use std::ptr::NonNull;

use super::Count;
use crate::ground::cell::UnsafeCell;
use crate::ground::thread::{self, JoinHandle};
use crate::modelled::{holds, holds_for_reasons, needs_its_orderings};

mod wrong;

/// A count, or what somebody took for one.
trait Counts: Sized + 'static {
    fn new() -> Self;

    /// Who spawns a job counts it, before anybody can run it.
    fn add(&self);

    /// A job: does its work, and then is not there any more.
    ///
    /// # Safety
    /// The count is there until all its jobs have ended.
    unsafe fn run(this: NonNull<Self>, work: impl FnOnce());

    /// The body of the scope has ended.
    fn wait(&self);
}

impl Counts for Count {
    fn new() -> Self {
        Self::new()
    }

    fn add(&self) {
        self.add();
    }

    unsafe fn run(this: NonNull<Self>, work: impl FnOnce()) {
        work();
        // SAFETY: counted by whoever started it.
        unsafe { Self::end(this) };
    }

    fn wait(&self) {
        self.wait();
    }
}

/// What a scope and its jobs have in common, in a frame.
struct Frame<C> {
    count: C,
    numbers: [UnsafeCell<u32>; 2],
}

/// A job's pointer to the frame. That it is good is for the count to see to.
struct Borrowed<C>(NonNull<Frame<C>>);

impl<C> Clone for Borrowed<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Borrowed<C> {}

// SAFETY: none for a wrong `C`. The explorer is to find that out.
unsafe impl<C> Send for Borrowed<C> {}

impl<C: Counts> Borrowed<C> {
    /// Spawns a job that writes one of the numbers, and does some more.
    fn spawn(
        self,
        number: usize,
        more: impl FnOnce(Self) + Send + 'static,
    ) -> JoinHandle<()> {
        // SAFETY: whoever spawns has not ended.
        unsafe { self.0.as_ref() }.count.add();
        thread::spawn(move || self.run(number, more))
    }

    fn run(self, number: usize, more: impl FnOnce(Self)) {
        let frame = self.0.as_ptr();
        // SAFETY: the scope waits for this job.
        unsafe {
            let count = NonNull::new_unchecked(&raw mut (*frame).count);
            C::run(count, || {
                (*frame).numbers[number].with_mut(|number| *number += 1);
                more(self);
            });
        }
    }
}

/// Makes a frame for `body`, waits, looks at what the jobs have done, and ends the frame.
fn scope<C: Counts, R>(body: impl FnOnce(Borrowed<C>) -> R) -> R {
    let frame = NonNull::from(Box::leak(Box::new(Frame {
        count: C::new(),
        numbers: [UnsafeCell::new(0), UnsafeCell::new(0)],
    })));
    let result = body(Borrowed(frame));
    // SAFETY: made above, and ended here, when nobody uses it any more.
    let frame = unsafe {
        frame.as_ref().count.wait();
        Box::from_raw(frame.as_ptr())
    };
    for number in &frame.numbers {
        // SAFETY: all jobs have ended.
        number.with(|number| assert_eq!(unsafe { *number }, 1));
    }
    result
}

/// Two jobs, each of which writes a number that the body reads.
fn two_jobs<C: Counts>() {
    let jobs =
        scope(|frame: Borrowed<C>| [frame.spawn(0, |_| ()), frame.spawn(1, |_| ())]);
    for job in jobs {
        job.join().unwrap();
    }
}

/// A job that spawns another.
fn a_job_spawns<C: Counts>() {
    let job = scope(|frame: Borrowed<C>| {
        frame.spawn(0, |frame| drop(frame.spawn(1, |_| ())))
    });
    job.join().unwrap();
}

/// The body does one part itself, and is perhaps the last.
fn a_job_and_the_body<C: Counts>() {
    let job = scope(|frame: Borrowed<C>| {
        let job = frame.spawn(0, |_| ());
        // SAFETY: the frame is there, and this number is nobody else's.
        unsafe { &frame.0.as_ref().numbers[1] }
            .with_mut(|number| unsafe { *number += 1 });
        job
    });
    job.join().unwrap();
}

#[test]
fn a_scope_outlives_its_jobs() {
    holds("a job and the body", a_job_and_the_body::<Count>);
    holds_for_reasons("two jobs", two_jobs::<Count>);
    holds_for_reasons("a job spawns", a_job_spawns::<Count>);
}

#[test]
fn each_ordering_of_the_count_is_needed() {
    let models: [(_, fn()); 2] = [
        ("a job and the body", a_job_and_the_body::<Count>),
        ("a job spawns", a_job_spawns::<Count>),
    ];
    needs_its_orderings("scope", &models, &[]);
}
