//! Graders of 03.1 under the model checker: workers, an observer, and plain results.

#![allow(unsafe_code, reason = "results are plain memory")]

use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Kind, Model};

use super::on_model::answer::Job;

grading::graders![
    what_was_finished_can_be_read,
    two_workers_report,
    more_than_was_left,
    far_more_than_was_left,
    all_of_it_twice,
    who_reports_too_much_publishes,
    what_is_done_stays_done,
    who_sees_the_flag_sees_the_reason,
    stopped_twice_is_stopped,
    wait_returns_when_all_is_done,
    wait_returns_when_stopped,
    what_was_done_before_the_stop_counts,
];

/// A job, and what its workers and its observer hand over.
struct Shared {
    job: Job,
    results: [UnsafeCell<u32>; 2],
    reason: UnsafeCell<u32>,
}

// SAFETY: a result is read only after it was reported, and the reason only after the flag
// was seen, if the answer is right. If it is not, the explorer says so before anything is
// read.
unsafe impl Sync for Shared {}

impl Shared {
    fn new(total: u32) -> Arc<Self> {
        Arc::new(Self {
            job: Job::new(total),
            results: ["result", "second result"]
                .map(|name| UnsafeCell::new(0).named(name)),
            reason: UnsafeCell::new(0).named("reason"),
        })
    }

    /// Finishes item `at`.
    fn write(&self, at: usize) {
        // SAFETY: nobody else writes this one, and nobody reads it before the report.
        self.results[at].with_mut(|result| unsafe { *result = 7 });
    }

    /// Finishes item `at`, and reports it.
    fn finish(&self, at: usize) {
        self.write(at);
        self.job.advance(1);
    }

    /// Reads what `write` has written.
    fn read(&self, at: usize) {
        // SAFETY: it was reported.
        let result = self.results[at].with(|result| unsafe { *result });
        assert!(
            result == 7,
            "result {at} was reported, and is {result} and not 7"
        );
    }
}

/// Starts a thread that does `what`.
fn start<R: 'static + Send>(
    shared: &Arc<Shared>,
    what: impl FnOnce(&Shared) -> R + 'static + Send,
) -> thread::JoinHandle<R> {
    let shared = Arc::clone(shared);
    thread::spawn(move || what(&shared))
}

fn model(name: &str) -> Model {
    Model::new(name)
        .hint(
            Kind::DataRace,
            "which store or addition did the last load before the read take its value \
             from? It has to publish what was done before it, and the load has to take \
             that up",
        )
        .hint(
            Kind::Livelock,
            "`wait` has to look again in each round, at the count and at the flag, and \
             to say with `hint::spin_loop` that it goes round",
        )
}

#[track_caller]
fn check(name: &str, root: fn()) {
    grading::step(format!("exploring a model: {name}"));
    let stats = model(name).check(root);
    assert!(stats.complete, "{name}: the model is small");
}

fn what_was_finished_can_be_read() {
    check("one worker finishes an item", || {
        let shared = Shared::new(2);
        let worker = start(&shared, |shared| shared.finish(0));
        match shared.job.done() {
            0 => (),
            1 => shared.read(0),
            done => panic!("1 item was reported, and done() is {done}"),
        }
        worker.join().unwrap();
        let done = shared.job.done();
        assert!(
            done == 1,
            "1 of 2 items was reported, the worker has ended, and done() is {done}"
        );
    });
}

fn two_workers_report() {
    check("two workers finish an item each", || {
        let shared = Shared::new(2);
        let workers = [0, 1].map(|at| start(&shared, move |it| it.finish(at)));
        let (first, second) = (shared.job.done(), shared.job.done());
        assert!(
            first <= second && second <= 2,
            "of 2 items, done() was {first}, and then {second}"
        );
        if second == 2 {
            shared.read(0);
            shared.read(1);
        }
        for worker in workers {
            worker.join().unwrap();
        }
        let done = shared.job.done();
        assert!(
            done == 2,
            "2 workers reported 1 item each, and done() is {done}: was one report lost \
             between the other's load and its store?"
        );
    });
}

/// Two workers report `batch` items each of `total`, which is less than both together.
fn two_report(batch: u32, total: u32) {
    let shared = Shared::new(total);
    let workers = [(); 2].map(|()| start(&shared, move |it| it.job.advance(batch)));
    let (first, second) = (shared.job.done(), shared.job.done());
    for worker in workers {
        worker.join().unwrap();
    }
    let last = shared.job.done();
    let right = [0, batch.min(total), total];
    assert!(
        last == total && [first, second].iter().all(|done| right.contains(done)),
        "2 workers report {batch} items each of {total}, and done() was {first}, then \
         {second}, and {last} when both had ended"
    );
    assert!(
        first <= second,
        "2 workers report {batch} items each of {total}, and done() was {first}, and \
         then {second}: it went back"
    );
}

fn more_than_was_left() {
    check("two workers report 2 items each of 3", || two_report(2, 3));
}

fn far_more_than_was_left() {
    check("two workers report 2 to the 31 items each of 3", || {
        two_report(1 << 31, 3);
    });
}

/// The job is as large as can be.
fn all_of_it_twice() {
    check(
        "two workers report all of 2 to the 32 items, less one",
        || {
            two_report(u32::MAX, u32::MAX);
        },
    );
}

/// Whoever comes last adds less than it reports, and what it has done counts all the same.
fn who_reports_too_much_publishes() {
    check(
        "two workers write a result, and report 2 items each of 3",
        || {
            let shared = Shared::new(3);
            let workers = [0, 1].map(|at| {
                start(&shared, move |it| {
                    it.write(at);
                    it.job.advance(2);
                })
            });
            if shared.job.done() == 3 {
                shared.read(0);
                shared.read(1);
            }
            for worker in workers {
                worker.join().unwrap();
            }
        },
    );
}

fn what_is_done_stays_done() {
    check("far more is reported than there is", || {
        const BATCH: u32 = 1 << 31;
        let shared = Shared::new(3);
        for time in 1..=4 {
            shared.job.advance(BATCH);
            let done = shared.job.done();
            assert!(
                done == 3,
                "after {time} reports of {BATCH} items done() is {done} of 3"
            );
        }
    });
}

fn who_sees_the_flag_sees_the_reason() {
    check("the observer writes a reason, and stops the job", || {
        let shared = Shared::new(1);
        let worker = start(&shared, |shared| {
            if shared.job.is_stopped() {
                // SAFETY: it was written before the stop.
                let reason = shared.reason.with(|reason| unsafe { *reason });
                assert!(reason == 9, "the reason is 9, and was read as {reason}");
            }
        });
        // SAFETY: nobody reads it before the stop.
        shared.reason.with_mut(|reason| unsafe { *reason = 9 });
        shared.job.stop();
        worker.join().unwrap();
    });
}

fn stopped_twice_is_stopped() {
    check("two threads stop the job", || {
        let shared = Shared::new(1);
        let before = shared.job.is_stopped();
        assert!(
            !before,
            "nobody has stopped the job, and is_stopped() is true"
        );
        let other = start(&shared, |shared| shared.job.stop());
        shared.job.stop();
        let after_one = shared.job.is_stopped();
        other.join().unwrap();
        let after_two = shared.job.is_stopped();
        assert!(
            after_one && after_two,
            "2 threads stopped the job, and is_stopped() was {after_one}, and then \
             {after_two}"
        );
    });
}

fn wait_returns_when_all_is_done() {
    check("the observer waits for two items", || {
        let shared = Shared::new(2);
        let worker = start(&shared, |shared| {
            shared.finish(0);
            shared.finish(1);
        });
        let reached = shared.job.wait(2);
        assert!(
            reached,
            "nobody stopped the job, and wait(2) returned false"
        );
        shared.read(0);
        shared.read(1);
        worker.join().unwrap();
    });
}

fn wait_returns_when_stopped() {
    check("the observer waits for a job that is stopped", || {
        let shared = Shared::new(2);
        let worker = start(&shared, |shared| {
            shared.job.advance(1);
            shared.job.stop();
        });
        let reached = shared.job.wait(2);
        assert!(
            !reached,
            "1 of 2 items was finished, and wait(2) returned true"
        );
        worker.join().unwrap();
    });
}

fn what_was_done_before_the_stop_counts() {
    check("the last item is reported, and the job stopped", || {
        let shared = Shared::new(1);
        let worker = start(&shared, |shared| {
            shared.finish(0);
            shared.job.stop();
        });
        let reached = shared.job.wait(1);
        assert!(
            reached,
            "the only item was reported, then the job was stopped, and wait(1) \
             returned false: was the flag seen after the count had been read?"
        );
        shared.read(0);
        worker.join().unwrap();
    });
}
