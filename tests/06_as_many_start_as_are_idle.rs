//! Property: if k workers are idle and j jobs arrive, min(k, j) of them are running before
//! any of them has to end. The jobs wait for each other: were one not started, none would
//! end.

use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::time::Duration;
use threadbare::pool::{Batch, ThreadPool};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

/// A pool whose threads have all been started, and sleep.
fn all_asleep(threads: usize) -> ThreadPool {
    let pool = ThreadPool::new(threads);
    meet(&pool, threads, Way::Batch);
    step("waiting until all sleep");
    while pool.idle() < threads {
        std::thread::yield_now();
    }
    assert_eq!(pool.started(), threads);
    pool
}

#[derive(Clone, Copy, Debug)]
enum Way {
    /// All at once.
    Batch,
    /// One after the other, from outside.
    Spawn,
    /// All at once, by a job that then waits for them: its thread is one of those that help.
    FromAJob,
    /// As jobs of a scope.
    Scope,
}

/// `jobs` jobs that wait for each other.
fn meet(pool: &ThreadPool, jobs: usize, way: Way) {
    step(format!("{jobs} meet, {way:?}"));
    let barrier = Arc::new(Barrier::new(jobs));
    let job = || {
        let barrier = Arc::clone(&barrier);
        move || _ = barrier.wait()
    };
    let handles: Vec<_> = match way {
        Way::Batch => {
            let mut batch = Batch::new();
            let handles = (0..jobs).map(|_| batch.push(job())).collect();
            pool.spawn_batch(batch).unwrap();
            handles
        }
        Way::Spawn => (0..jobs).map(|_| pool.spawn(job()).unwrap()).collect(),
        Way::FromAJob => {
            pool.install(|| {
                let handles = (0..jobs).map(|_| pool.spawn(job()).unwrap());
                let handles: Vec<_> = handles.collect();
                handles.into_iter().for_each(|it| it.wait().unwrap());
            });
            Vec::new()
        }
        Way::Scope => {
            pool.scope(|scope| (0..jobs).for_each(|_| scope.spawn(job())));
            Vec::new()
        }
    };
    handles.into_iter().for_each(|it| it.wait().unwrap());
}

#[test]
fn jobs_meet_in_a_pool_that_has_no_thread_yet() {
    within(LIMIT, || {
        for way in [Way::Batch, Way::Spawn, Way::FromAJob, Way::Scope] {
            for threads in [1, 2, 3, 8, 16] {
                meet(&ThreadPool::new(threads), threads, way);
            }
        }
    });
}

#[test]
fn jobs_meet_in_a_pool_that_sleeps() {
    within(LIMIT, || {
        for threads in [1, 2, 3, 8, 16] {
            let pool = all_asleep(threads);
            for round in 0..100 {
                for way in [Way::Batch, Way::Spawn, Way::FromAJob, Way::Scope] {
                    meet(&pool, threads, way);
                    // Every other time without waiting until all are back in bed.
                    while round % 2 == 0 && pool.idle() < threads {
                        std::thread::yield_now();
                    }
                }
            }
        }
    });
}

/// Fewer jobs than threads, and more: two rounds of all threads.
#[test]
fn jobs_meet_that_are_fewer_or_more() {
    within(LIMIT, || {
        let pool = all_asleep(4);
        for _ in 0..100 {
            for jobs in 1..=4 {
                meet(&pool, jobs, Way::Batch);
            }
            let barrier = Arc::new(Barrier::new(4));
            let mut batch = Batch::new();
            let handles: Vec<_> = (0..8)
                .map(|_| {
                    let barrier = Arc::clone(&barrier);
                    batch.push(move || _ = barrier.wait())
                })
                .collect();
            pool.spawn_batch(batch).unwrap();
            handles.into_iter().for_each(|it| it.wait().unwrap());
        }
    });
}

/// A slow job among fifteen short ones, in one batch for sixteen workers, and in every place
/// of it: the slow one goes on until the short ones have ended. So they all end before it.
#[test]
fn a_slow_job_holds_nobody_up() {
    within(LIMIT, || {
        let pool = all_asleep(16);
        for place in 0..16 {
            step(format!("the slow one is number {place}"));
            let short = Arc::new((Mutex::new(0), Condvar::new()));
            let mut batch = Batch::new();
            let handles: Vec<_> = (0..16)
                .map(|n| {
                    let short = Arc::clone(&short);
                    batch.push(move || {
                        let mut ended = short.0.lock().unwrap();
                        if n != place {
                            *ended += 1;
                            short.1.notify_one();
                        } else {
                            drop(short.1.wait_while(ended, |ended| *ended < 15));
                        }
                    })
                })
                .collect();
            pool.spawn_batch(batch).unwrap();
            handles.into_iter().for_each(|it| it.wait().unwrap());
        }
    });
}

/// The same in a pool of two: whoever is not slow runs all the others, wherever they lie.
#[test]
fn two_workers_are_enough() {
    within(LIMIT, || {
        let pool = all_asleep(2);
        for round in 0..200 {
            let place = round % 16;
            let short = Arc::new((Mutex::new(0), Condvar::new()));
            pool.install(|| {
                pool.scope(|scope| {
                    for n in 0..16 {
                        let short = Arc::clone(&short);
                        scope.spawn(move || {
                            let mut ended = short.0.lock().unwrap();
                            if n != place {
                                *ended += 1;
                                short.1.notify_one();
                            } else {
                                drop(short.1.wait_while(ended, |ended| *ended < 15));
                            }
                        });
                    }
                });
            });
        }
    });
}
