//! Graders of 06.8 on real threads: sleepers that the kernel knows, and a crowd that spawns.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Barrier};
use std::thread;

use super::on_real::answer::{Pool, given};

grading::graders![
    who_sleeps_goes_home,
    many_spawn_at_once,
    a_crowd_and_shutdown,
    a_crowd_and_shutdown_now
];

fn start<T: Send + 'static>(
    name: impl Into<String>,
    run: impl FnOnce() -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let thread = thread::Builder::new().name(name.into());
    thread.spawn(run).expect("a grader may start a thread")
}

fn who_sleeps_goes_home() {
    let pool = Arc::new(Pool::<u32>::new());
    let workers = ["w-0", "w-1"].map(|name| {
        let pool = Arc::clone(&pool);
        start(name, move || {
            grading::step("waiting in next() for a job");
            let first = pool.next();
            grading::step(
                "waiting in next() after the first job, or to be sent home",
            );
            (first, pool.next())
        })
    });
    grading::step("waiting until two workers sleep");
    grading::until_asleep(&["w-0", "w-1"]);
    assert!(
        pool.spawn(7).is_ok(),
        "the pool is open, and spawn(7) was refused"
    );
    grading::step("waiting until both sleep again, one of them after a job");
    grading::until_asleep(&["w-0", "w-1"]);
    pool.shutdown();
    grading::step("waiting for two workers to go home: the pool is shut down");
    let got = workers.map(|worker| worker.join().expect("it did not panic"));
    let jobs = got.iter().flat_map(|(one, two)| [*one, *two]).flatten();
    let jobs: Vec<u32> = jobs.collect();
    assert!(
        jobs == [7],
        "spawn(7) was accepted, and the workers got {jobs:?}"
    );
}

/// They meet where each is about to push.
fn many_spawn_at_once() {
    const SPAWNERS: usize = 150;
    let pool = Arc::new(Pool::new());
    let meeting = Arc::new(Barrier::new(SPAWNERS));
    let spawners = Vec::from_iter((0..SPAWNERS).map(|job| {
        let (pool, meeting) = (Arc::clone(&pool), Arc::clone(&meeting));
        start(format!("spawner {job}"), move || {
            grading::step("spawning, and waiting for 149 others that spawn");
            given::before_next_push(move || {
                meeting.wait();
            });
            assert!(
                pool.spawn(job).is_ok(),
                "{SPAWNERS} threads spawn at once, the pool is open, and spawn({job}) was \
                 refused"
            );
        })
    }));
    for spawner in spawners {
        spawner.join().expect("a panic would have ended the grader");
    }
    let mut back = pool.shutdown_now();
    back.sort_unstable();
    assert!(
        back == Vec::from_iter(0..SPAWNERS),
        "{SPAWNERS} jobs had not started, and shutdown_now() returned {} of them",
        back.len()
    );
}

fn a_crowd_and_shutdown() {
    crowd(|pool| {
        pool.shutdown();
        Vec::new()
    });
}

fn a_crowd_and_shutdown_now() {
    crowd(Pool::shutdown_now);
}

/// Four threads spawn, three work, and in the midst of it the pool is shut down.
fn crowd(shut: fn(&Pool<usize>) -> Vec<usize>) {
    const SPAWNERS: usize = 4;
    const EACH: usize = 5_000;
    let pool = Arc::new(Pool::new());
    let spawned = Arc::new(AtomicU32::new(0));
    let workers: Vec<_> = (0..3)
        .map(|number| {
            let pool = Arc::clone(&pool);
            start(format!("worker {number}"), move || {
                grading::step(
                    "working until the pool is shut down: was a wake-up lost?",
                );
                std::iter::from_fn(|| pool.next()).collect::<Vec<_>>()
            })
        })
        .collect();
    let spawners: Vec<_> = (0..SPAWNERS)
        .map(|number| {
            let (pool, spawned) = (Arc::clone(&pool), Arc::clone(&spawned));
            start(format!("spawner {number}"), move || {
                grading::step("spawning until it is refused");
                let of = move |index: usize| index * SPAWNERS + number;
                let mut refused = None;
                for job in (0..EACH).map(of) {
                    // ORDERING: Relaxed. A number.
                    spawned.fetch_add(1, Relaxed);
                    match (pool.spawn(job), refused) {
                        (Ok(()), None) => {}
                        (Ok(()), Some(before)) => panic!(
                            "spawn({before}) was refused, and then spawn({job}) was accepted"
                        ),
                        (Err(back), _) => {
                            assert!(
                                back == job,
                                "spawn({job}) was refused, and handed job {back} back"
                            );
                            refused.get_or_insert(job);
                        }
                    }
                }
                let limit = refused.unwrap_or(of(EACH));
                (0..EACH).map(of).take_while(move |&job| job < limit)
            })
        })
        .collect();
    grading::step("waiting until some jobs are spawned");
    // ORDERING: Relaxed. A number.
    while spawned.load(Relaxed) < 100 {
        thread::yield_now();
    }
    let back = shut(&pool);
    let mut missing = vec![0_u8; SPAWNERS * EACH];
    grading::step("waiting for the threads that spawn");
    for spawner in spawners {
        for job in spawner.join().expect("a panic would have ended the grader") {
            missing[job] += 1;
        }
    }
    grading::step("waiting for the workers to go home: nobody spawns any more");
    let got = workers.into_iter().flat_map(|worker| {
        let got = worker.join();
        got.expect("a panic would have ended the grader")
    });
    for job in got.chain(back) {
        assert!(
            missing[job] == 1,
            "job {job} was given away, and was refused before or given away already"
        );
        missing[job] = 0;
    }
    let lost = missing.iter().position(|&it| it == 1);
    if let Some(job) = lost {
        panic!("spawn({job}) was accepted, and nobody has got job {job}");
    }
}
