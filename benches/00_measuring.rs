//! What chapter 00 costs: looking at the clock, hashing, leaving out `black_box`, timing
//! too much, sharing a core, and a stall seen by a closed and by an open loop.
//!
//! Run: `cargo bench --bench 00_measuring`, or one group: `... -- hash_1mib`. The book's
//! tables: `cargo run -p benches --bin report -- 00_measuring`.

use benches::raw::{self, Recorder};
use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime,
};
use criterion::{criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant, SystemTime};
use threadbare::measure::{
    Clock, Load, Monotonic, Samples, Schedule, StallingServer, Timer, hash, pauses,
};

const CHAPTER: &str = "00_measuring";

/// How many single readings are kept where the tail is asked for.
const READINGS: usize = 20_000;

criterion_group! {
    name = chapter;
    config = benches::criterion(CHAPTER)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = clock_read, clock_tail, isolation, black_boxes, hashes, core_shared, stall
}
criterion_main!(chapter);

// ---- clocks --------------------------------------------------------------------------

/// What does one look at the clock cost?
fn clock_read(c: &mut Criterion) {
    let mut group = c.benchmark_group("clock_read");
    group.bench_function("Instant::now", |b| b.iter(Instant::now));
    group.bench_function("SystemTime::now", |b| b.iter(SystemTime::now));
    let clock = Monotonic::new();
    group.bench_function("v1_monotonic", |b| b.iter(|| clock.now()));
    #[cfg(target_os = "linux")]
    for (name, id) in [
        ("CLOCK_MONOTONIC_COARSE", libc::CLOCK_MONOTONIC_COARSE),
        ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
    ] {
        group.bench_function(name, |b| b.iter(|| linux::clock_gettime(id)));
    }
    group.finish();
}

/// And once in a hundred times? From one reading to the next, nothing in between.
fn clock_tail(_: &mut Criterion) {
    let group = "clock_tail";
    if !raw::wanted(group) {
        return;
    }
    let mut timer = Timer::start();
    let mut laps = Samples::with_capacity(READINGS);
    for _ in 0..READINGS {
        laps.push(timer.lap());
    }
    let mut wall = Samples::with_capacity(READINGS);
    let mut last = SystemTime::now();
    for _ in 0..READINGS {
        let now = SystemTime::now();
        // The wall clock may be set back meanwhile; that is no time.
        wall.push(now.duration_since(last).unwrap_or_default());
        last = now;
    }
    let mut recorder = Recorder::new(CHAPTER, group);
    recorder.title("From one reading of the clock to the next");
    recorder
        .row("Instant::now")
        .durations(laps.times().to_vec());
    recorder
        .row("SystemTime::now")
        .durations(wall.times().to_vec());
    keep(recorder);
}

// ---- what is timed -------------------------------------------------------------------

const MIB: usize = 1 << 20;

/// The same hash with and without the making of its input.
fn isolation(c: &mut Criterion) {
    let mut group = c.benchmark_group("isolation");
    group.throughput(Throughput::Bytes(MIB as u64));
    // ANCHOR: isolation
    let make = || vec![7_u8; MIB];
    group.bench_function("naive", |b| b.iter(|| crc32fast::hash(&make())));
    group.bench_function("v1_batched", |b| {
        b.iter_batched_ref(
            make,
            |block| crc32fast::hash(block),
            BatchSize::LargeInput,
        )
    });
    let block = make();
    group.bench_function("v2_prepared", |b| {
        b.iter(|| crc32fast::hash(black_box(&block)))
    });
    // ANCHOR_END: isolation
    group.finish();
}

/// The same hash, told less and less about what becomes of it.
fn black_boxes(c: &mut Criterion) {
    const KEY: &[u8] = b"the key of a map";
    let mut group = c.benchmark_group("black_box");
    group.throughput(Throughput::Bytes(KEY.len() as u64));
    // ANCHOR: black_box
    group.bench_function("naive", |b| {
        b.iter(|| {
            hash::fnv1a(KEY);
        })
    });
    group.bench_function("v1_result", |b| b.iter(|| hash::fnv1a(KEY)));
    group.bench_function("v2_result_and_input", |b| {
        b.iter(|| hash::fnv1a(black_box(KEY)))
    });
    // ANCHOR_END: black_box
    group.finish();
}

// ---- hashes --------------------------------------------------------------------------

/// How many bytes a second, of large inputs and of small ones?
fn hashes(c: &mut Criterion) {
    for (name, size) in [("hash_1mib", MIB), ("hash_16b", 16)] {
        let block: Vec<u8> = (0..size).map(|k| (k * k) as u8).collect();
        let expected = hash::v1_bitwise::crc32(&block);
        assert_eq!(hash::crc32(&block), expected, "first right, then fast");
        assert_eq!(
            crc32fast::hash(&block),
            expected,
            "the peer computes the same"
        );

        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Bytes(size as u64));
        hash_row(&mut group, "naive", &block, hash::v1_bitwise::crc32);
        hash_row(&mut group, "std", &block, hash::sip);
        hash_row(&mut group, "v1_fnv1a", &block, hash::fnv1a);
        hash_row(&mut group, "v2_crc32_table", &block, hash::crc32);
        hash_row(&mut group, "crc32fast", &block, crc32fast::hash);
        group.finish();
    }
}

fn hash_row<R>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    block: &[u8],
    hash: fn(&[u8]) -> R,
) {
    group.bench_function(name, |b| b.iter(|| hash(black_box(block))));
}

// ---- raw samples ---------------------------------------------------------------------

/// For how long does a thread stand still when it shares its core with others?
fn core_shared(_: &mut Criterion) {
    let group = "core_shared";
    if !raw::wanted(group) {
        return;
    }
    let length = if raw::trial() { 0.01 } else { 2.0 };
    let length = Duration::from_secs_f64(length);
    let mut recorder = Recorder::new(CHAPTER, group);
    recorder.title("Standing still, on one core");
    for (row, count) in [("1 thread", 1), ("2 threads", 2), ("4 threads", 4)] {
        let start = Barrier::new(count);
        let contest = || {
            // Where that is impossible, the table shows it: nobody stands still.
            #[cfg(unix)]
            let _ = benches::machine::pin_to(0);
            start.wait();
            pauses(&Monotonic::new(), length, Duration::from_micros(50))
        };
        let all: Samples = thread::scope(|scope| {
            let threads: Vec<_> = (0..count).map(|_| scope.spawn(contest)).collect();
            let joined = threads.into_iter().map(|thread| thread.join().unwrap());
            joined.flat_map(|pauses| pauses.times().to_vec()).collect()
        });
        let still: Duration = all.times().iter().sum();
        let share = still.as_secs_f64() / length.as_secs_f64() / count as f64;
        let times = all.times().iter().map(|time| time.as_nanos() as f64);
        recorder.row(row).samples("pause", "ns", times).value(
            "still",
            "%",
            100.0 * share,
        );
    }
    keep(recorder);
}

/// One server, one stall, three ways to say how long requests took. On the kernel's clock
/// and real threads, unlike the book's figure, which is simulated.
fn stall(_: &mut Criterion) {
    let group = "stall";
    if !raw::wanted(group) {
        return;
    }
    let scale = if raw::trial() { 1 } else { 100 };
    let run = |schedule, senders| {
        let clock = Monotonic::new();
        let server = StallingServer {
            service: Duration::from_millis(1),
            stall_at: Duration::from_millis(20 * scale),
            stall_for: Duration::from_millis(5 * scale),
        };
        let mut load = Load::new(schedule, Duration::from_millis(50 * scale));
        load.senders = senders;
        load.run(&clock, |_| server.serve(&clock))
    };
    let (closed, open) =
        (run(Schedule::Closed, 1), run(Schedule::per_second(500), 4));
    let mut recorder = Recorder::new(CHAPTER, group);
    recorder.title("5 s against a server that stands still for 0.5 s");
    for (row, samples) in [
        ("closed loop", closed.response()),
        ("open loop, from the sending", open.service()),
        ("open loop, from the intended start", open.response()),
    ] {
        let count = samples.len() as f64;
        recorder
            .row(row)
            .durations(samples.times().to_vec())
            .value("requests", "", count);
    }
    keep(recorder);
}

/// Writes the samples; a disk that refuses ends the bench with the reason.
fn keep(recorder: Recorder) {
    if let Err(error) = recorder.write() {
        eprintln!("{CHAPTER}: the samples could not be written: {error}");
        std::process::exit(1);
    }
}

/// What std does not offer.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "one call of libc, wrapped once")]
mod linux {
    /// Reads the kernel's clock `id`.
    pub(super) fn clock_gettime(id: libc::clockid_t) -> libc::timespec {
        let mut now = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: `now` is a valid timespec of ours, and the kernel only writes it.
        let result = unsafe { libc::clock_gettime(id, &mut now) };
        assert_eq!(result, 0, "this kernel has no clock {id}");
        now
    }
}
