//! Jobs that come from outside, one by one.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use benches::raw;
use threadbare::pool::{ThreadPool, v1_one_queue, v2_queue_per_worker};

use crate::pools::{LEFT, MANY_LEFT, Spawn};
use crate::{Row, Table, alone, minimal, row, work};

/// How many jobs a run spawns.
const JOBS: usize = 50_000;
/// How many multiplications a small job is (about 100 ns), and a large one (about 50 us).
const SMALL: u32 = 50;
const LARGE: u32 = 25_000;
/// How many jobs of each size a run spawns, so that all take about as long.
const SMALL_JOBS: usize = 20_000;
const LARGE_JOBS: usize = 200;
/// How many threads the jobs come from where they come from several.
const MANY: usize = 4;

fn jobs(number: usize) -> usize {
    if raw::trial() { number / 50 } else { number }
}

/// Empty jobs: what does the way to a worker cost?
pub(crate) fn spawn_wait() {
    for (group, title, producers) in [
        (
            "spawn_wait",
            "An empty job, spawned by one thread outside of the pool",
            1,
        ),
        (
            "spawn_wait_4",
            "An empty job, spawned by four threads outside of the pool",
            MANY,
        ),
    ] {
        let table = Table {
            group,
            title,
            note: "The time of one job of 50,000, from the first spawn to the end of the \
                   last job.",
            rounds: 15,
            pieces: jobs(JOBS),
        };
        table.measure(vec![
            row("threadpool", move |n| {
                flood::<threadpool::ThreadPool>(n, producers)
            }),
            row("v1_one_queue", move |n| {
                flood::<v1_one_queue::ThreadPool>(n, producers)
            }),
            row("v2_queue_per_worker", move |n| {
                flood::<v2_queue_per_worker::ThreadPool>(n, producers)
            }),
            row("pool", move |n| flood::<ThreadPool>(n, producers)),
            row("rayon", move |n| flood::<rayon::ThreadPool>(n, producers)),
            row("crossbeam_deque", move |n| {
                flood::<minimal::Pool>(n, producers)
            }),
            std_threads(producers),
        ]);
    }
}

fn flood<S: Spawn>(threads: usize, producers: usize) -> Duration {
    let pool = S::shared(threads);
    let each = jobs(JOBS) / producers;
    let spawn_all = |producer: usize| {
        for number in producer * each..(producer + 1) * each {
            pool.spawn(move || MANY_LEFT.done(number));
        }
    };
    MANY_LEFT.begin(each * producers);
    let start = Instant::now();
    match producers {
        1 => spawn_all(0),
        _ => thread::scope(|scope| {
            for producer in 0..producers {
                scope.spawn(move || spawn_all(producer));
            }
        }),
    }
    MANY_LEFT.wait();
    start.elapsed()
}

/// Without a pool: a thread for each job, a hundredth of them, because that takes long.
fn std_threads(producers: usize) -> Row {
    const PART: usize = 100;
    alone("std_threads", move |_| {
        let each = jobs(JOBS) / producers / PART;
        let spawn_all = || {
            for _ in 0..each {
                thread::spawn(|| LEFT.done());
            }
        };
        LEFT.begin(each * producers);
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..producers {
                scope.spawn(spawn_all);
            }
        });
        LEFT.wait();
        start.elapsed() * PART as u32
    })
}

/// Jobs that do something: from which size on is the pool worth its price?
pub(crate) fn one_queue() {
    for (group, title, number, turns) in [
        (
            "one_queue_small",
            "A job of about 100 ns, in a loop and in pools",
            SMALL_JOBS,
            SMALL,
        ),
        (
            "one_queue_large",
            "A job of about 50 µs, in a loop and in pools",
            LARGE_JOBS,
            LARGE,
        ),
    ] {
        let number = jobs(number);
        let table = Table {
            group,
            title,
            note: "The time of one job: that of all, by their number. `direct` calls them \
                   one after the other.",
            rounds: 15,
            pieces: number,
        };
        table.measure(vec![
            alone("direct", move |_| {
                let start = Instant::now();
                for _ in 0..number {
                    black_box(work(7, turns));
                }
                start.elapsed()
            }),
            row("v1_one_queue", move |n| {
                give::<v1_one_queue::ThreadPool>(n, number, turns)
            }),
            row("v2_queue_per_worker", move |n| {
                give::<v2_queue_per_worker::ThreadPool>(n, number, turns)
            }),
            row("pool", move |n| give::<ThreadPool>(n, number, turns)),
        ]);
    }
}

fn give<S: Spawn>(threads: usize, number: usize, turns: u32) -> Duration {
    let pool = S::shared(threads);
    LEFT.begin(number);
    let start = Instant::now();
    for _ in 0..number {
        pool.spawn(move || {
            black_box(work(7, turns));
            LEFT.done();
        });
    }
    LEFT.wait();
    start.elapsed()
}
