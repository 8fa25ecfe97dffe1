//! Pools that sleep: how long it takes to wake one, and what it costs to let one lie.

use std::env;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::thread;
use std::time::{Duration, Instant};

use benches::raw::{self, Recorder};
use threadbare::pool::{ThreadPool, v1_one_queue, v2_queue_per_worker};

use crate::pools::{LEFT, Spawn};
use crate::{CHAPTER, minimal};

/// How many threads the pools of these two groups have.
const WORKERS: usize = 8;
/// How long a pool is left alone before it is woken, so that all its threads sleep.
const PAUSE: Duration = Duration::from_micros(500);
/// For how long idle pools are watched.
const WATCHED: Duration = Duration::from_secs(2);
/// The order to a copy of this process: the number of a row of [`POOLS`].
const IDLE: &str = "THREADBARE_BENCH_IDLE";

/// A pool that these groups measure: how it wakes, and how it is set to rest.
type Pool = (&'static str, fn() -> Duration, fn());

const POOLS: [Pool; 6] = [
    (
        "v1_one_queue",
        wake::<v1_one_queue::ThreadPool>,
        rest::<v1_one_queue::ThreadPool>,
    ),
    (
        "v2_queue_per_worker",
        wake::<v2_queue_per_worker::ThreadPool>,
        rest::<v2_queue_per_worker::ThreadPool>,
    ),
    ("pool", wake::<ThreadPool>, rest::<ThreadPool>),
    (
        "rayon",
        wake::<rayon::ThreadPool>,
        rest::<rayon::ThreadPool>,
    ),
    (
        "threadpool",
        wake::<threadpool::ThreadPool>,
        rest::<threadpool::ThreadPool>,
    ),
    (
        "crossbeam_deque",
        wake::<minimal::Pool>,
        rest::<minimal::Pool>,
    ),
];

/// From `spawn` to the first line of the job, in a pool that sleeps.
pub(crate) fn wake_latency() {
    const GROUP: &str = "wake_latency";
    if !raw::wanted(GROUP) {
        return;
    }
    let rounds = if raw::trial() { 1 } else { 1_000 };
    let mut times = vec![Vec::new(); POOLS.len()];
    for round in 0..=rounds {
        for ((_, wake, _), times) in POOLS.iter().zip(&mut times) {
            let time = wake();
            // The first one starts the threads.
            if round > 0 {
                times.push(time);
            }
        }
    }
    let mut recorder = Recorder::new(CHAPTER, GROUP);
    recorder.title("From spawn to the job's first line, in a pool that sleeps");
    recorder.note(
        "Pools of 8 threads that have had nothing to do for half a millisecond.",
    );
    for ((name, ..), times) in POOLS.iter().zip(times) {
        let mut sorted = times.clone();
        sorted.sort();
        let at = |percent: usize| {
            sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
        };
        eprintln!("{GROUP}/{name}: p50 {:?}, p99 {:?}", at(50), at(99));
        recorder.row(name).durations(times);
    }
    recorder.write().expect("the samples can be written");
}

fn wake<S: Spawn>() -> Duration {
    /// When the job began, in nanoseconds after it was spawned.
    static BEGAN: AtomicU64 = AtomicU64::new(0);
    let pool = S::shared(WORKERS);
    LEFT.begin(1);
    let start = Instant::now();
    pool.spawn(move || {
        // ORDERING: Release. Pairs with the load at the end of `wake`.
        BEGAN.store(start.elapsed().as_nanos() as u64, Release);
        LEFT.done();
    });
    LEFT.wait();
    thread::sleep(PAUSE);
    // ORDERING: Acquire. Pairs with the store in the job of `wake`.
    Duration::from_nanos(BEGAN.load(Acquire))
}

/// What a pool of eight threads costs that has nothing to do, in a process of its own.
pub(crate) fn idle_cpu() {
    const GROUP: &str = "idle_cpu";
    if !raw::wanted(GROUP) {
        return;
    }
    let program = env::current_exe().expect("this program has a name");
    let start = |number: usize| {
        Command::new(&program)
            .env(IDLE, number.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can run itself")
    };
    // All at once: they have nothing to do.
    let copies: Vec<_> = (0..POOLS.len()).map(start).collect();
    let mut recorder = Recorder::new(CHAPTER, GROUP);
    recorder.title("What a pool costs that has nothing to do");
    recorder.note(
        "CPU time of the whole process in two seconds, after its eight threads have worked \
         and rested for a tenth of a second.",
    );
    recorder.ratio("none");
    for ((name, ..), copy) in POOLS.iter().zip(copies) {
        let output = copy.wait_with_output().expect("it ends by itself");
        let text = String::from_utf8(output.stdout).expect("a number is text");
        let Ok(nanoseconds) = text.trim().parse::<f64>() else {
            eprintln!("{GROUP}: not measured, this system does not say");
            return;
        };
        eprintln!("{GROUP}/{name}: {:.3} ms", nanoseconds / 1e6);
        recorder.row(name).value("CPU time", "ns", nanoseconds);
    }
    recorder.write().expect("the samples can be written");
}

/// If this process is such a copy: prints how many nanoseconds of CPU time a pool used.
pub(crate) fn idle_copy() -> bool {
    let Ok(number) = env::var(IDLE) else {
        return false;
    };
    let number: usize = number.parse().expect("the number of a row");
    let (_, _, rest) = POOLS[number];
    rest();
    let before = cpu_time();
    thread::sleep(if raw::trial() { PAUSE } else { WATCHED });
    if let Some((before, after)) = before.zip(cpu_time()) {
        println!("{}", (after - before).as_nanos());
    }
    true
}

/// Gives all threads of a pool something to do, and lets them come to rest.
fn rest<S: Spawn>() {
    const JOBS: usize = 1_000;
    let pool = S::shared(WORKERS);
    LEFT.begin(JOBS);
    for _ in 0..JOBS {
        pool.spawn(|| LEFT.done());
    }
    LEFT.wait();
    thread::sleep(Duration::from_millis(100));
}

#[cfg(unix)]
fn cpu_time() -> Option<Duration> {
    benches::machine::cpu_time_of(std::process::id())
}

#[cfg(not(unix))]
fn cpu_time() -> Option<Duration> {
    None
}
