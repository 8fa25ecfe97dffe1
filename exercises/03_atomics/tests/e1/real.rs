//! Graders of 03.1 on real threads: more reports than a model can hold.

use std::thread;

use super::on_real::answer::Job;

grading::graders![an_observer_watches_four_workers, waits_for_four_workers];

const WORKERS: u32 = 4;
const REPORTS: u32 = 20_000;
/// Of what is reported, a few items are more than there are.
const TOTAL: u32 = WORKERS * REPORTS * 3 - 5;

/// Four workers report, and `observe` looks on.
fn with_workers(observe: impl FnOnce(&Job)) {
    let job = Job::new(TOTAL);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                grading::step("reporting batches of 3 items");
                for _ in 0..REPORTS {
                    job.advance(3);
                }
            });
        }
        observe(&job);
    });
    let done = job.done();
    assert!(
        done == TOTAL,
        "{WORKERS} workers reported {REPORTS} batches of 3 items, more than the {TOTAL} \
         that there are, and done() is {done}"
    );
}

fn an_observer_watches_four_workers() {
    with_workers(|job| {
        let mut last = 0;
        while last < TOTAL {
            grading::step(format!("looking how far the job is, after {last}"));
            let done = job.done();
            assert!(
                last <= done && done <= TOTAL,
                "done() was {last}, and then {done}, of {TOTAL} items"
            );
            last = done;
            thread::yield_now();
        }
    });
}

fn waits_for_four_workers() {
    with_workers(|job| {
        for goal in [0, 1, TOTAL / 2, TOTAL] {
            grading::step(format!("waiting for {goal} of {TOTAL} items"));
            let reached = job.wait(goal);
            assert!(reached, "nobody stopped the job, and wait returned false");
            let done = job.done();
            assert!(
                done >= goal,
                "wait({goal}) returned true, and done() is {done}"
            );
        }
        job.stop();
        grading::step("waiting for a job that is done, and stopped");
        let reached = job.wait(TOTAL);
        assert!(
            reached,
            "all was done before the stop, and wait returned false"
        );
    });
}
