//! `join` under the model checker: a worker that joins, and a thief. What is wrong by a line
//! is in `wrong`.
#![allow(unsafe_code, reason = "jobs lie in frames")]

use std::panic::{self, AssertUnwindSafe};

use super::{Worker, join_on};
use crate::ground::sync::Arc;
use crate::ground::thread;
use crate::modelled::holds_for_reasons;
use crate::pool::shared::Shared;
use crate::pool::stack_job::{StackJob, Stolen};

mod wrong;

/// Runs `program` on worker 0, beside worker 1, which looks once for a job, and runs it.
fn beside_a_thief(program: impl FnOnce(&Worker)) {
    let shared = Shared::for_model(2);
    let same = Arc::clone(&shared);
    let thief = thread::spawn(move || {
        let worker = Worker::at(same, 1);
        if let Some(job) = worker.find_job() {
            worker.execute(job);
        }
    });
    program(&Worker::at(shared, 0));
    thief.join().unwrap();
}

/// A way to join.
trait Joins: 'static {
    fn join<RA, RB: Send>(
        worker: &Worker,
        a: impl FnOnce(&Worker) -> RA,
        b: impl FnOnce(Option<&Worker>) -> RB + Send,
    ) -> (RA, RB);
}

struct Right;

impl Joins for Right {
    fn join<RA, RB: Send>(
        worker: &Worker,
        a: impl FnOnce(&Worker) -> RA,
        b: impl FnOnce(Option<&Worker>) -> RB + Send,
    ) -> (RA, RB) {
        join_on(worker, a, b)
    }
}

/// Both run, wherever that is, and what they return comes out.
fn both_run<J: Joins>() {
    beside_a_thief(|worker| {
        let (a, b) = J::join(worker, |_| Box::new(1), |_| Box::new(2));
        assert_eq!((*a, *b), (1, 2));
    });
}

/// The first one panics: the second one has run nevertheless when that comes out.
fn the_first_panics<J: Joins>() {
    beside_a_thief(|worker| {
        let mut ran = false;
        let join = || {
            let a = |_: &Worker| panic::resume_unwind(Box::new("a"));
            let ((), ()) = J::join(worker, a, |_| ran = true);
        };
        let payload = panic::catch_unwind(AssertUnwindSafe(join)).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"a"));
        assert!(ran, "the second one was left out");
    });
}

/// The second one panics, and so it does not matter where it ran.
fn the_second_panics<J: Joins>() {
    beside_a_thief(|worker| {
        let join = || {
            let b = |_: Option<&Worker>| panic::resume_unwind(Box::new("b"));
            let (_, ()) = J::join(worker, |_| Box::new(1), b);
        };
        let payload = panic::catch_unwind(AssertUnwindSafe(join)).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"b"));
    });
}

/// A pool of one worker, who waits for a job that comes from outside while he waits: he is the
/// only one who can run it.
fn helps(wait: fn(&Worker, &dyn Fn() -> bool)) {
    let shared = Shared::for_model(1);
    let worker = Worker::at(Arc::clone(&shared), 0);
    let job = StackJob::new(Stolen::new(&worker), |_: Option<&Worker>| ());
    // SAFETY: this frame waits for it below.
    let sent = unsafe { job.job() };
    let outside = thread::spawn(move || {
        assert!(shared.inject_one(sent).is_ok());
    });
    wait(&worker, &|| job.signal().is_set());
    outside.join().unwrap();
}

fn a_waiter_helps() {
    helps(Worker::wait_until);
}

#[test]
fn join_keeps_its_promises_in_every_order() {
    holds_for_reasons("a wait that helps", a_waiter_helps);
    holds_for_reasons("join", both_run::<Right>);
    holds_for_reasons("join, the first panics", the_first_panics::<Right>);
    holds_for_reasons("join, the second panics", the_second_panics::<Right>);
}
