//! Graders of 06.7 under the model checker: who reaches which queue, and who sleeps beside a
//! job.

#[path = "../common/sleeps.rs"]
mod sleeps;

use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use super::on_model::ground::time::Duration;
use ::explorer::{Kind, Model};

use super::on_model::answer::Pool;

grading::graders![
    everyone_reaches_everyone,
    no_job_is_given_twice,
    a_worker_without_a_job_sleeps,
    a_job_wakes_somebody,
    one_job_after_the_other,
    a_batch_of_two_for_two,
];

/// The right ones take a second at most.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

type Numbers = Pool<u32>;

fn check(name: &str, root: fn()) {
    grading::step("exploring a model");
    let asleep = "each worker takes one job here, and never comes back: it could be a job \
                  that takes a second. So who sleeps now sleeps beside a job. Who was woken \
                  for the batch, and who has woken the next one?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .spurious(false)
        .hint(Kind::LostWakeUp, asleep)
        .hint(Kind::Deadlock, asleep)
        .check(root);
}

/// One thread asks for all workers.
fn everyone_reaches_everyone() {
    for workers in (1..=9).chain([33, 64]) {
        // Of many workers, a few.
        let apart = if workers > 9 { workers / 3 } else { 1 };
        for owner in 0..workers {
            for thief in (0..workers).step_by(apart) {
                let pool = Numbers::of(workers);
                pool.push_all(owner, vec![7]);
                grading::step(format!("in find({thief}), with {workers} workers"));
                let found = pool.find(thief);
                assert!(
                    found == Some(7),
                    "of {workers} workers, worker {thief} can't reach the queue of worker \
                     {owner}: find({thief}) returned {found:?}, and there is a job"
                );
            }
        }
    }
}

/// One thread takes all jobs, in turns for each worker.
fn no_job_is_given_twice() {
    for workers in 1..=6 {
        let pool = Numbers::of(workers);
        for owner in 0..workers {
            let first = 2 * owner as u32;
            pool.push_all(owner, vec![first, first + 1]);
        }
        let jobs = 2 * workers as u32;
        let take = |turn: u32| pool.find(turn as usize % workers);
        let mut got: Vec<u32> = (0..jobs).filter_map(take).collect();
        got.sort_unstable();
        assert!(
            got == Vec::from_iter(0..jobs),
            "{workers} workers had jobs 0 to {}, and find() gave {got:?} to them",
            jobs - 1
        );
        for me in 0..workers {
            let more = pool.find(me);
            assert!(
                more.is_none(),
                "all jobs are taken, and find({me}) returned {more:?}"
            );
        }
    }
}

fn a_worker_without_a_job_sleeps() {
    sleeps::must_sleep("worker 0 of 1 in next(), without a job,", || {
        Numbers::of(1).next(0);
    });
    sleeps::must_sleep("worker 1 of 3 in next(), after the only job,", || {
        let pool = Numbers::of(3);
        pool.push_all(0, vec![7]);
        pool.next(1);
        pool.next(1);
    });
}

/// Starts worker `me`, which gets one job.
fn worker(pool: &Arc<Numbers>, me: usize) -> thread::JoinHandle<u32> {
    let pool = Arc::clone(pool);
    thread::spawn(move || pool.next(me))
}

fn a_job_wakes_somebody() {
    check("one worker, and a job", || {
        let pool = Arc::new(Numbers::of(1));
        let one = worker(&pool, 0);
        pool.push_all(0, vec![7]);
        let got = one.join().unwrap();
        assert!(got == 7, "job 7 was pushed, and the worker got job {got}");
    });
}

fn a_batch_of_two_for_two() {
    check("two workers, and two jobs at once", || {
        let pool = Arc::new(Numbers::of(2));
        let both = [0, 1].map(|me| worker(&pool, me));
        pool.push_all(0, vec![7, 8]);
        let mut got = both.map(|worker| worker.join().unwrap());
        got.sort_unstable();
        assert!(
            got == [7, 8],
            "jobs [7, 8] were pushed, and the workers got {got:?}"
        );
    });
}

/// One worker, which comes back.
fn one_job_after_the_other() {
    check("one worker, and one job after the other", || {
        let pool = Arc::new(Numbers::of(2));
        let both = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || [pool.next(0), pool.next(0)])
        };
        pool.push_all(0, vec![7]);
        pool.push_all(1, vec![8]);
        let mut got = both.join().unwrap();
        got.sort_unstable();
        assert!(
            got == [7, 8],
            "jobs [7, 8] were pushed, and the worker got {got:?}"
        );
    });
}
