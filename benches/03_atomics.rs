//! What do atomics cost, alone and fought for, and what is built from them?
//!
//! Run:  `cargo bench --bench 03_atomics` (about five minutes), or one group of it:
//!       `cargo bench --bench 03_atomics -- spsc`
//! Then: `cargo run -p benches --bin report -- 03_atomics` writes the book's tables.
//!
//! Where several threads take part, each does what a row says once per iteration, and the
//! time is that until the last is done. All samples of such a row have the same number of
//! iterations (flat sampling), so that starting the threads weighs the same in each. With
//! more threads than cores some of the time is waiting for a core, which is the point of
//! those rows.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Relaxed, Release, SeqCst},
    fence,
};
use std::sync::{Arc, Barrier, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{
    Bencher, BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput,
    criterion_group,
};
use crossbeam_queue::SegQueue;
use crossbeam_utils::CachePadded;
use threadbare::atomic::{SeqLock, TaggedStack, arc, counter, spin_lock};

#[path = "03_atomics/rings.rs"]
mod rings;

const CHAPTER: &str = "03_atomics";
/// How many items a ring or a stack has room for.
const ROOM: usize = 1024;
/// How many words readers read together.
const WORDS: usize = 4;
/// How often somebody writes them.
const PERIOD: Duration = Duration::from_micros(100);

criterion_group! {
    name = benches;
    config = benches::criterion(CHAPTER)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500));
    targets = one_operation, counters, false_sharing, locks, rings::spsc,
        rings::spsc_alone, rings::spsc_round_trip, reads, stacks, arcs
}

fn main() {
    benches();
    lock_time();
    Criterion::default().configure_from_args().final_summary();
}

/// Lets `threads` threads do `work` at the same time, `iterations` times each. Returns how
/// long it is from the start of the first to the end of the last.
///
/// The threads look at the clock themselves. This one might get its core back only when all
/// is over, and would then find that it took no time at all.
fn together<R>(
    threads: usize,
    iterations: u64,
    work: impl Fn(usize) -> R + Sync,
) -> Duration {
    let line = Barrier::new(threads);
    let run = |number| {
        line.wait();
        let start = Instant::now();
        for _ in 0..iterations {
            black_box(work(number));
        }
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

/// A row of a group, for 1, 2 and 4 threads.
fn shared<T: Sync, R>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    make: impl Fn() -> T,
    work: impl Fn(&T) -> R + Sync,
) {
    group.sampling_mode(SamplingMode::Flat);
    for threads in [1, 2, 4] {
        let id = BenchmarkId::new(name, threads);
        group.throughput(Throughput::Elements(threads as u64));
        group.bench_function(id, |b| {
            let shared = make();
            b.iter_custom(|n| together(threads, n, |_| work(&shared)));
        });
    }
}

/// One operation, nobody else about.
fn one_operation(c: &mut Criterion) {
    let group = &mut c.benchmark_group("one_operation");
    let plain = Cell::new(0_u64);
    group.bench_function("naive", |b| b.iter(|| black_box(&plain).replace(1)));

    let word = AtomicU64::new(0);
    let mut row = |name, operation: &dyn Fn(&mut Bencher<'_>, &AtomicU64)| {
        group.bench_function(name, |b| operation(b, &word));
    };
    macro_rules! row {
        ($name:literal, $word:ident => $operation:expr) => {
            row($name, &|b, $word| {
                b.iter(|| {
                    let $word = black_box($word);
                    $operation
                })
            });
        };
    }
    // ORDERING: Relaxed, Release, SeqCst: what the rows measure. Nobody else is there, and
    // nothing pairs with anything in `one_operation`.
    row!("load_relaxed", word => word.load(Relaxed));
    // ORDERING: as above, in `one_operation`; so are all below.
    row!("load_seqcst", word => word.load(SeqCst));
    // ORDERING: as above, in `one_operation`.
    row!("store_relaxed", word => word.store(1, Relaxed));
    // ORDERING: as above, in `one_operation`.
    row!("store_release", word => word.store(1, Release));
    // ORDERING: as above, in `one_operation`.
    row!("store_seqcst", word => word.store(1, SeqCst));
    // ORDERING: as above, in `one_operation`. It holds 1, so this succeeds.
    row!("compare_exchange", word => word.compare_exchange(1, 1, Relaxed, Relaxed));
    // ORDERING: as above, in `one_operation`.
    row!("fetch_add_relaxed", word => word.fetch_add(1, Relaxed));
    // ORDERING: as above, in `one_operation`.
    row!("fetch_add_seqcst", word => word.fetch_add(1, SeqCst));
    // ORDERING: as above, in `one_operation`.
    row!("fence_release", _word => fence(Release));
    // ORDERING: as above, in `one_operation`.
    row!("fence_seqcst", _word => fence(SeqCst));
}

/// One more, by each of several threads.
fn counters(c: &mut Criterion) {
    use counter::{v1_shared, v2_padded, v3_sharded};
    let group = &mut c.benchmark_group("counters");
    let lock = || Mutex::new(0_u64);
    shared(group, "std", lock, |count| *count.lock().unwrap() += 1);
    shared(group, "v1_shared", v1_shared::Counter::new, |it| it.add(1));
    shared(group, "v2_padded", v2_padded::Counter::new, |it| it.add(1));
    shared(group, "v3_sharded", v3_sharded::Counter::new, |it| {
        it.add(1)
    });
}

/// Two threads and two counters: what does it matter where these are?
fn false_sharing(c: &mut Criterion) {
    let mut group = c.benchmark_group("false_sharing");
    group.sampling_mode(SamplingMode::Flat);
    // ORDERING: Relaxed. Only the time matters.
    let add = |counter: &AtomicU64| counter.fetch_add(1, Relaxed);
    let mut row = |name, counters: [&AtomicU64; 2]| {
        group.bench_function(name, |b| {
            b.iter_custom(|n| together(2, n, |number| add(counters[number])));
        });
    };
    // Two in one line of 64 bytes; and each in a pair of lines, as the prefetcher has them.
    let near = CachePadded::new([0, 0].map(AtomicU64::new));
    let far = [0, 0].map(|zero| CachePadded::new(AtomicU64::new(zero)));
    row("one_counter", [&near[0], &near[0]]);
    row("one_line", [&near[0], &near[1]]);
    row("two_lines", [&far[0], &far[1]]);
}

/// Lets so many threads go so many times through a section that takes so many turns, under
/// a lock.
type Locked = fn(usize, u64, u64) -> Duration;

/// Such a function, for a type of lock, and what to do with what its `lock` returns.
macro_rules! locked {
    ($Lock:ty $(, $unwrap:ident)?) => {
        |threads, iterations, turns| {
            let value = CachePadded::new(<$Lock>::new(0_u64));
            let time = together(threads, iterations, |_| {
                let mut value = value.lock()$(.$unwrap())?;
                *value += 1;
                for turn in 0..turns {
                    black_box(turn);
                }
            });
            assert_eq!(*value.lock()$(.$unwrap())?, threads as u64 * iterations);
            time
        }
    };
}

const LOCKS: [(&str, Locked); 5] = [
    ("std", locked!(Mutex<u64>, unwrap)),
    ("v1_swap", locked!(spin_lock::v1_swap::SpinLock<u64>)),
    (
        "v2_look_first",
        locked!(spin_lock::v2_look_first::SpinLock<u64>),
    ),
    ("v3_backoff", locked!(spin_lock::v3_backoff::SpinLock<u64>)),
    ("parking_lot", locked!(parking_lot::Mutex<u64>)),
];

/// A short section under a lock.
fn locks(c: &mut Criterion) {
    let mut group = c.benchmark_group("lock");
    group.sampling_mode(SamplingMode::Flat);
    for (name, lock) in LOCKS {
        for threads in [1, 2, 4] {
            group.throughput(Throughput::Elements(threads as u64));
            let id = BenchmarkId::new(name, threads);
            group.bench_function(id, |b| b.iter_custom(|n| lock(threads, n, 0)));
        }
    }
}

/// A long section, four threads: how long it takes, and for how long the cores were busy.
#[cfg(unix)]
fn lock_time() {
    use benches::{machine, raw};
    const GROUP: &str = "lock_time";
    const THREADS: usize = 4;
    /// Some 10 microseconds.
    const TURNS: u64 = 30_000;
    if !raw::wanted(GROUP) {
        return;
    }
    let sections = if raw::trial() { 1 } else { 2_000 };
    let mut recorder = raw::Recorder::new(CHAPTER, GROUP);
    recorder.title("What does a section of some 10 µs cost four threads?");
    recorder.note("CPU time: that of all four together, also of those that wait.");
    for (name, lock) in LOCKS {
        let cpu_time =
            || machine::cpu_time_of(std::process::id()).unwrap_or_default();
        let before = cpu_time();
        let time = lock(THREADS, sections, TURNS);
        let busy = cpu_time() - before;
        let per_section = |time: Duration| {
            time.as_nanos() as f64 / (sections * THREADS as u64) as f64
        };
        let row = recorder.row(name);
        row.value("time", "ns", per_section(time)).value(
            "CPU time",
            "ns",
            per_section(busy),
        );
    }
    recorder.write().expect("the samples can be written");
}

#[cfg(not(unix))]
fn lock_time() {
    eprintln!("lock_time: not measured, nobody says how busy the cores were");
}

/// Words that several threads read all the time and one writes now and then.
fn reads(c: &mut Criterion) {
    const ZEROS: [u64; WORDS] = [0; WORDS];
    let group = &mut c.benchmark_group("reads");
    group.sampling_mode(SamplingMode::Flat);
    read_row(
        (group, "std"),
        RwLock::new(ZEROS),
        |lock| *lock.read().unwrap(),
        |lock, words| *lock.write().unwrap() = words,
    );
    read_row(
        (group, "std_mutex"),
        Mutex::new(ZEROS),
        |lock| *lock.lock().unwrap(),
        |lock, words| *lock.lock().unwrap() = words,
    );
    read_row(
        (group, "seqlock"),
        SeqLock::new(ZEROS),
        SeqLock::read,
        SeqLock::write,
    );
    read_row(
        (group, "parking_lot"),
        parking_lot::RwLock::new(ZEROS),
        |lock| *lock.read(),
        |lock, words| *lock.write() = words,
    );
}

/// One of these, for 1, 2 and 4 readers and a writer.
fn read_row<T: Sync>(
    (group, name): (&mut BenchmarkGroup<'_, WallTime>, &str),
    lock: T,
    read: impl Fn(&T) -> [u64; WORDS] + Sync,
    write: impl Fn(&T, [u64; WORDS]) + Sync,
) {
    let lock = CachePadded::new(lock);
    let write_now_and_then = |done: &AtomicBool| {
        let mut next = Instant::now();
        for number in 1.. {
            write(&lock, [number; WORDS]);
            // ORDERING: Relaxed. Nothing but the end of this thread depends on it.
            if done.load(Relaxed) {
                break;
            }
            next += PERIOD;
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    };
    for readers in [1, 2, 4] {
        group.throughput(Throughput::Elements(readers as u64));
        group.bench_function(BenchmarkId::new(name, readers), |b| {
            b.iter_custom(|n| {
                let done = AtomicBool::new(false);
                thread::scope(|scope| {
                    scope.spawn(|| write_now_and_then(&done));
                    let time = together(readers, n, |_| {
                        let words = read(&lock);
                        let [first, .., last] = words;
                        assert_eq!(first, last, "half of one, half of another");
                        words.iter().sum::<u64>()
                    });
                    // ORDERING: Relaxed, as the load in `write_now_and_then`.
                    done.store(true, Relaxed);
                    time
                })
            });
        });
    }
}

/// An item on a stack or into a queue, and one from it, by each of several threads.
fn stacks(c: &mut Criterion) {
    let group = &mut c.benchmark_group("stack");
    let make = || Mutex::new(Vec::with_capacity(ROOM));
    shared(group, "std", make, |stack| {
        stack.lock().unwrap().push(7_u64);
        stack.lock().unwrap().pop().unwrap()
    });
    let make = || TaggedStack::with_capacity(ROOM);
    shared(group, "v2_tagged", make, |stack| {
        stack.push(7_u64).unwrap();
        stack.pop().unwrap()
    });
    shared(group, "crossbeam-queue", SegQueue::new, |queue| {
        queue.push(7_u64);
        queue.pop().unwrap()
    });
}

/// One more owner, and one less, by each of several threads.
fn arcs(c: &mut Criterion) {
    let group = &mut c.benchmark_group("arc");
    shared(group, "std", || Arc::new(7), Arc::clone);
    let make = || arc::v1_strong::Arc::new(7);
    shared(group, "v1_strong", make, arc::v1_strong::Arc::clone);
    let make = || arc::v2_weak::Arc::new(7);
    shared(group, "v2_weak", make, arc::v2_weak::Arc::clone);
}
