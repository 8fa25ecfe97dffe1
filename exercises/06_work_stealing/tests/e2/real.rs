//! Graders of 06.2 on real threads: workers that the kernel knows to be asleep, and many
//! jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread::{self, JoinHandle};

use super::on_real::answer::Pool;

grading::graders![each_job_wakes_one, the_end_wakes_all, many_jobs];

fn start(name: String, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let thread = thread::Builder::new().name(name);
    thread.spawn(run).expect("a grader may start a thread")
}

const NAMES: [&str; 3] = ["worker 1", "worker 2", "worker 3"];

/// Three workers, asleep. Each takes a job and then waits until three jobs have begun.
fn each_job_wakes_one() {
    let pool = Arc::new(Pool::new());
    let begun = Arc::new(AtomicU32::new(0));
    let workers = NAMES.map(|name| {
        let (pool, begun) = (Arc::clone(&pool), Arc::clone(&begun));
        start(name.to_owned(), move || {
            grading::step("waiting for a job");
            let job = pool.next();
            assert!(job.is_some(), "next returned None, and nobody has closed");
            begun.fetch_add(1, SeqCst);
            grading::step("running a job that ends when three have begun");
            while begun.load(SeqCst) < 3 {
                thread::yield_now();
            }
        })
    });
    grading::step("waiting until three workers without a job sleep");
    grading::until_asleep(&NAMES);
    for job in 1..=3 {
        let pushed = pool.push(job);
        assert!(
            pushed.is_ok(),
            "push({job}) gave it back, and it was not there"
        );
    }
    grading::step("waiting until three workers that slept run three jobs at a time");
    for worker in workers {
        worker.join().expect("a panic would have ended the grader");
    }
}

fn the_end_wakes_all() {
    let pool = Arc::new(Pool::new());
    let workers = NAMES.map(|name| {
        let pool = Arc::clone(&pool);
        start(name.to_owned(), move || {
            grading::step("waiting for a job, or for the end");
            let job = pool.next();
            assert!(job.is_none(), "next returned {job:?}, and there was no job");
        })
    });
    grading::step("waiting until three workers without a job sleep");
    grading::until_asleep(&NAMES);
    pool.close();
    grading::step("waiting for three workers that slept; the pool is closed");
    for worker in workers {
        worker.join().expect("a panic would have ended the grader");
    }
}

/// Now and then there is nothing to do, and now and then all jobs are there.
fn many_jobs() {
    const ROUNDS: u32 = 200;
    let pool = Arc::new(Pool::new());
    let runs = Arc::new([(); 32].map(|()| AtomicU32::new(0)));
    let workers = NAMES.map(|name| {
        let (pool, runs) = (Arc::clone(&pool), Arc::clone(&runs));
        start(name.to_owned(), move || {
            loop {
                grading::step("waiting for one of many jobs");
                let Some(job) = pool.next() else { return };
                runs[job as usize].fetch_add(1, SeqCst);
            }
        })
    });
    for _ in 0..ROUNDS {
        for job in 1..=31 {
            grading::step("pushing many jobs; some are there, and workers sleep");
            while pool.push(job).is_err() {
                thread::yield_now();
            }
        }
        thread::yield_now();
    }
    pool.close();
    grading::step("waiting for three workers; the pool is closed");
    for worker in workers {
        worker.join().expect("a panic would have ended the grader");
    }
    for (job, runs) in runs.iter().enumerate().skip(1) {
        let runs = runs.load(SeqCst);
        assert!(
            runs == ROUNDS,
            "job {job} was pushed {ROUNDS} times, and next has returned it {runs} times"
        );
    }
}
