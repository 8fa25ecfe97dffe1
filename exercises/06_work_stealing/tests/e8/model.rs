//! Graders of 06.8 under the model checker: where is each job, when all have gone home?

#[path = "../common/sleeps.rs"]
mod sleeps;

use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use super::on_model::ground::time::Duration;
use ::explorer::{Kind, Model};

use super::on_model::answer::{Pool, given};

grading::graders![
    one_thread_alone,
    nothing_is_accepted_afterwards,
    what_has_not_started_comes_back,
    a_worker_without_a_job_sleeps,
    shutdown_wakes_who_sleeps,
    shutdown_now_wakes_who_sleeps,
    a_job_wakes_who_sleeps,
    a_job_wakes_while_others_spawn,
    spawn_against_shutdown,
    a_worker_against_both,
    a_refused_spawn_keeps_nobody,
    spawn_against_shutdown_now,
    a_worker_against_shutdown_now,
];

/// The right ones take a second at most.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

type Numbers = Pool<u32>;

fn check(name: &str, root: fn()) {
    grading::step("exploring a model");
    let asleep = "who sleeps in `next` waits for the bell. Has it rung since that thread \
                  asked how often? Whoever changes what the sleeper waits for has to ring \
                  afterwards: a job, the shutdown, and also the last one that was spawning \
                  when the pool was shut down";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .spurious(false)
        .hint(Kind::LostWakeUp, asleep)
        .hint(Kind::Deadlock, asleep)
        .hint(
            Kind::Assertion,
            "between the look whether the pool is open and the push, others may take any \
             number of steps. Who has to know that a thread is between the two?",
        )
        .check(root);
}

/// What `worker` gets until it is sent home.
fn work(pool: &Numbers) -> Vec<u32> {
    std::iter::from_fn(|| pool.next()).collect()
}

/// Starts a worker.
fn worker(pool: &Arc<Numbers>) -> thread::JoinHandle<Vec<u32>> {
    let pool = Arc::clone(pool);
    thread::spawn(move || work(&pool))
}

/// Starts a thread that spawns `job`. Returns whether it was accepted.
fn spawner(pool: &Arc<Numbers>, job: u32) -> thread::JoinHandle<bool> {
    let pool = Arc::clone(pool);
    thread::spawn(move || spawn(&pool, job))
}

fn spawn(pool: &Numbers, job: u32) -> bool {
    match pool.spawn(job) {
        Ok(()) => true,
        Err(back) => {
            assert!(
                back == job,
                "spawn({job}) was refused, and handed job {back} back"
            );
            false
        }
    }
}

/// Each job is where it has to be: `got` says who got what.
fn account(accepted: &[(u32, bool)], got: &[(&str, Vec<u32>)]) {
    for &(job, accepted) in accepted {
        let mut by = got.iter().flat_map(|(who, jobs)| {
            jobs.iter().filter(|&&it| it == job).map(move |_| *who)
        });
        match (accepted, by.next(), by.next()) {
            (true, Some(_), None) | (false, None, _) => {}
            (true, None, _) => panic!(
                "spawn({job}) was accepted, and nobody has got job {job}: all workers have \
                 left"
            ),
            (false, Some(who), _) => {
                panic!("spawn({job}) was refused, and {who} has got job {job}")
            }
            (true, Some(first), Some(second)) => {
                panic!("job {job} was given away twice: to {first}, and to {second}")
            }
        }
    }
}

fn one_thread_alone() {
    check("one thread alone", || {
        let pool = Numbers::new();
        for job in [1, 2] {
            assert!(
                spawn(&pool, job),
                "the pool is open, and spawn({job}) was refused"
            );
        }
        let first = pool.next();
        pool.shutdown();
        // Nothing is left to wait for.
        let mut got = Vec::from_iter(first);
        got.extend(work(&pool));
        account(&[(1, true), (2, true)], &[("the worker", got)]);
        let after = pool.next();
        assert!(
            after.is_none(),
            "all jobs are gone, and next() returned {after:?}"
        );
    });
}

fn nothing_is_accepted_afterwards() {
    check("spawn after shutdown", || {
        let pool = Arc::new(Numbers::new());
        let shuts = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || pool.shutdown())
        };
        shuts.join().unwrap();
        let accepted = spawn(&pool, 1);
        assert!(
            !accepted,
            "shutdown() has returned, and spawn(1) was accepted"
        );
        let got = work(&pool);
        account(&[(1, false)], &[("the worker", got)]);
    });
    check("spawn after shutdown_now", || {
        let pool = Numbers::new();
        let back = pool.shutdown_now();
        assert!(
            back.is_empty(),
            "nothing was spawned, and shutdown_now() returned {back:?}"
        );
        let accepted = spawn(&pool, 1);
        assert!(
            !accepted,
            "shutdown_now() has returned, and spawn(1) was accepted"
        );
        pool.shutdown();
        let again = pool.shutdown_now();
        assert!(
            again.is_empty(),
            "spawn(1) was refused, and shutdown_now() returned {again:?}"
        );
        assert!(
            pool.next().is_none(),
            "spawn(1) was refused, and next() returned it"
        );
    });
}

fn what_has_not_started_comes_back() {
    check("three jobs, one of them started, and shutdown_now", || {
        let pool = Numbers::new();
        let accepted = [1, 2, 3].map(|job| (job, spawn(&pool, job)));
        let started = pool.next();
        let back = pool.shutdown_now();
        assert!(
            back.len() == 2,
            "two of three jobs had not started, and shutdown_now() returned {back:?}"
        );
        let got = work(&pool);
        assert!(
            got.is_empty(),
            "shutdown_now() had returned, and next() returned {got:?}"
        );
        let started = Vec::from_iter(started);
        let got = [
            ("the worker", started),
            ("the caller of shutdown_now", back),
        ];
        account(&accepted, &got);
    });
    check("a job, shutdown, and then shutdown_now", || {
        let pool = Numbers::new();
        let accepted = spawn(&pool, 1);
        pool.shutdown();
        let back = pool.shutdown_now();
        assert!(
            !accepted || back == [1],
            "job 1 had not started, and shutdown_now() after shutdown() returned {back:?}"
        );
        let mut got = vec![("the caller of shutdown_now", back)];
        got.push(("the worker", work(&pool)));
        account(&[(1, accepted)], &got);
    });
}

fn a_worker_without_a_job_sleeps() {
    sleeps::must_sleep("a worker in next(), without a job,", || {
        Numbers::new().next();
    });
    sleeps::must_sleep("a worker in next(), after its only job,", || {
        let pool = Numbers::new();
        assert!(
            spawn(&pool, 1),
            "the pool is open, and spawn(1) was refused"
        );
        pool.next();
        pool.next();
    });
}

fn shutdown_wakes_who_sleeps() {
    check("two workers without a job, and shutdown", || {
        let pool = Arc::new(Numbers::new());
        let workers = [(); 2].map(|()| worker(&pool));
        pool.shutdown();
        for worker in workers {
            let got = worker.join().unwrap();
            assert!(
                got.is_empty(),
                "nothing was spawned, and next() returned {got:?}"
            );
        }
    });
}

fn shutdown_now_wakes_who_sleeps() {
    check("a worker without a job, and shutdown_now", || {
        let pool = Arc::new(Numbers::new());
        let works = worker(&pool);
        pool.shutdown_now();
        works.join().unwrap();
    });
}

fn a_job_wakes_who_sleeps() {
    check("a worker that may sleep, and a job", || {
        let pool = Arc::new(Numbers::new());
        let one = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || Vec::from_iter(pool.next()))
        };
        let accepted = spawn(&pool, 1);
        assert!(accepted, "the pool is open, and spawn(1) was refused");
        let got = one.join().unwrap();
        account(&[(1, accepted)], &[("the worker", got)]);
    });
}

/// One is in the midst of `spawn`, for as long as the worker has no job.
fn a_job_wakes_while_others_spawn() {
    let asleep = "a spawn has returned, and a worker sleeps beside its job, as somebody else \
                  is in the middle of `spawn` and stays there. Whoever has pushed has to \
                  ring, whoever else spawns";
    grading::step("exploring a model");
    Model::new("a worker, a job, and a thread that is held up before its push")
        .time(SEARCH_LIMIT)
        .spurious(false)
        .hint(Kind::LostWakeUp, asleep)
        .hint(Kind::Deadlock, asleep)
        .check(|| {
            let pool = Arc::new(Numbers::new());
            let one = {
                let pool = Arc::clone(&pool);
                thread::spawn(move || pool.next())
            };
            let held_up = {
                let pool = Arc::clone(&pool);
                thread::spawn(move || {
                    given::before_next_push(move || {
                        let got = one.join().unwrap();
                        assert!(
                            got == Some(1),
                            "only job 1 was there, and next() returned {got:?}"
                        );
                    });
                    spawn(&pool, 2)
                })
            };
            for (job, accepted) in
                [(1, spawn(&pool, 1)), (2, held_up.join().unwrap())]
            {
                assert!(accepted, "the pool is open, and spawn({job}) was refused");
            }
        });
}

fn spawn_against_shutdown() {
    check(
        "a thread spawns, and main shuts the pool down and works",
        || {
            let pool = Arc::new(Numbers::new());
            let spawns = spawner(&pool, 1);
            pool.shutdown();
            let got = work(&pool);
            let accepted = spawns.join().unwrap();
            account(&[(1, accepted)], &[("the worker", got)]);
        },
    );
}

fn a_worker_against_both() {
    check("a worker, and main spawns and shuts the pool down", || {
        let pool = Arc::new(Numbers::new());
        let works = worker(&pool);
        let accepted = spawn(&pool, 1);
        pool.shutdown();
        let got = works.join().unwrap();
        account(&[(1, accepted)], &[("the worker", got)]);
    });
}

/// Somebody asks whether it is still open, again and again.
fn a_refused_spawn_keeps_nobody() {
    check(
        "a worker is about to leave, and somebody still spawns",
        || {
            let pool = Arc::new(Numbers::new());
            pool.shutdown();
            let works = worker(&pool);
            let accepted = spawn(&pool, 1);
            assert!(
                !accepted,
                "shutdown() has returned, and spawn(1) was accepted"
            );
            let got = works.join().unwrap();
            account(&[(1, accepted)], &[("the worker", got)]);
        },
    );
}

fn spawn_against_shutdown_now() {
    check(
        "a thread spawns, and main calls shutdown_now and works",
        || {
            let pool = Arc::new(Numbers::new());
            let spawns = spawner(&pool, 1);
            let back = pool.shutdown_now();
            let got = work(&pool);
            let accepted = spawns.join().unwrap();
            let got = [("the worker", got), ("the caller of shutdown_now", back)];
            account(&[(1, accepted)], &got);
        },
    );
}

fn a_worker_against_shutdown_now() {
    check("two jobs, a worker, and shutdown_now", || {
        let pool = Arc::new(Numbers::new());
        let accepted = [1, 2].map(|job| (job, spawn(&pool, job)));
        let works = worker(&pool);
        let back = pool.shutdown_now();
        let got = works.join().unwrap();
        let got = [("the worker", got), ("the caller of shutdown_now", back)];
        account(&accepted, &got);
    });
}
