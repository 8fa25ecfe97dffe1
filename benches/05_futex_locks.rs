//! What do locks from one futex word cost, alone, fought for and slept for, beside those
//! of std and of crates?
//!
//! Run:  `cargo bench --bench 05_futex_locks` (about six minutes), or one group of it:
//!       `cargo bench --bench 05_futex_locks -- contended_short`
//! Then: `cargo run -p benches --bin report -- 05_futex_locks` writes the book's tables.
//!
//! `cargo bench -p benches --features mine --bench 05_futex_locks` races your own answers to
//! the exercises 05.1, 05.3 and 05.4 as well, in rows called `mine`.
//!
//! Where several threads take part, each does what a row says once per iteration, and the
//! time is that until the last is done. Each thread is bound to a core (on Linux): the first
//! to core 0, the second to core 1, and so on, round and round. Two threads that happen to
//! share a core hardly meet in a short section, and what is measured then is the scheduler's
//! mood. All samples of such a row have the same number of iterations (flat sampling).

use std::hint::black_box;
use std::num::NonZero;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput,
    criterion_group,
};

#[cfg(feature = "mine")]
#[path = "05_futex_locks/mine.rs"]
mod mine;
#[path = "05_futex_locks/mutexes.rs"]
mod mutexes;
#[path = "05_futex_locks/others.rs"]
mod others;
#[path = "02_locks/queues.rs"]
mod queues;
#[path = "05_futex_locks/rwlocks.rs"]
mod rwlocks;

const CHAPTER: &str = "05_futex_locks";

criterion_group! {
    name = benches;
    config = benches::criterion(CHAPTER)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = mutexes::uncontended, mutexes::contended_short, mutexes::contended_long,
        rwlocks::rwlock_alone, rwlocks::rwlock_mix, others::condvar, others::notify_idle,
        others::semaphore, others::once, others::queue
}

fn main() {
    benches();
    mutexes::fairness();
    Criterion::default().configure_from_args().final_summary();
}

/// A chain of `turns` multiplications, of which none can begin before the one before it
/// has ended. Never inlined: it takes the same time wherever it is called from.
#[inline(never)]
fn work(n: u64, turns: u32) -> u64 {
    (0..turns).fold(n, |n, _| {
        (n ^ (n >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}

/// Binds the calling thread to one of the cores, if the system can.
fn settle(number: usize) {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    // Where that cannot be, the threads run where the system likes.
    #[cfg(unix)]
    let _ = benches::machine::pin_to(number % cores);
    #[cfg(not(unix))]
    let _ = number % cores;
}

/// Runs `body` on so many threads at once, each with its number. Returns how long it is
/// from the start of the first to the end of the last.
///
/// The threads look at the clock themselves. This one might get its core back only when all
/// is over, and would then find that it took no time at all.
fn on_threads(threads: usize, body: impl Fn(usize) + Sync) -> Duration {
    let line = Barrier::new(threads);
    let run = |number| {
        settle(number);
        line.wait();
        let start = Instant::now();
        body(number);
        (start, Instant::now())
    };
    thread::scope(|scope| {
        let run = &run;
        let running: Vec<_> = (0..threads)
            .map(|number| scope.spawn(move || run(number)))
            .collect();
        let joined = running.into_iter().map(|thread| thread.join().unwrap());
        let both = |(start, end): (Instant, Instant),
                    (from, to): (Instant, Instant)| {
            (start.min(from), end.max(to))
        };
        let (start, end) = joined.reduce(both).expect("there are threads");
        end - start
    })
}

/// A row of a group: `run` takes how many threads there are and how often each does it.
fn row(
    group: &mut BenchmarkGroup<'_, WallTime>,
    (name, parameter): (&str, &str),
    threads: usize,
    run: impl Fn(usize, u64) -> Duration,
) {
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements(threads as u64));
    group.bench_function(BenchmarkId::new(name, parameter), |b| {
        b.iter_custom(|iterations| black_box(run(threads, iterations)));
    });
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
