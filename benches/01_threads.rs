//! What a thread costs: to start, to hand work to, to keep, to wake.
//!
//! Run:  `cargo bench --bench 01_threads` (about three minutes), or one group of it:
//!       `cargo bench --bench 01_threads -- parallel_sum`
//! Then: `cargo run -p benches --bin report -- 01_threads` writes the book's tables.

use std::hint::black_box;
use std::num::NonZero;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use benches::raw::{self, Recorder};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use threadbare::thread::{WaitGroup, Workers, sum};

const CHAPTER: &str = "01_threads";
/// Small enough to start fast, large enough for what the jobs here call.
const SMALL_STACK: usize = 64 * 1024;
/// How many numbers the sums add up: 16 MiB of them.
const NUMBERS: usize = 4 * 1024 * 1024;
/// How many members wait groups are given at a time.
const MEMBERS: usize = 8;

criterion_group! {
    name = benches;
    config = benches::criterion(CHAPTER);
    targets = call_or_thread, parallel_sum, wake_up, wait_group
}

fn main() {
    if memory_copy() {
        return;
    }
    benches();
    spawn_latency();
    memory();
    Criterion::default().configure_from_args().final_summary();
}

/// Somebody's small job: not free, and nothing that a compiler can foresee.
#[inline(never)]
fn job(n: u64) -> u64 {
    black_box(n).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The same small job, called, and handed to a thread that ends after it.
fn call_or_thread(c: &mut Criterion) {
    let mut group = c.benchmark_group("call_or_thread");
    group.bench_function("naive", |b| b.iter(|| job(7)));
    group.bench_function("std_spawn", |b| {
        b.iter(|| thread::spawn(|| job(7)).join().unwrap());
    });
    group.bench_function("std_64k_stack", |b| {
        b.iter(|| {
            let small = thread::Builder::new().stack_size(SMALL_STACK);
            small.spawn(|| job(7)).unwrap().join().unwrap()
        });
    });
    group.bench_function("std_scoped", |b| {
        b.iter(|| thread::scope(|scope| scope.spawn(|| job(7)).join().unwrap()));
    });
    group.bench_function("workers", |b| {
        let mut workers = Workers::named("bench");
        b.iter(|| workers.spawn(|| job(7)).unwrap().join().unwrap());
    });
    group.bench_function("crossbeam-utils", |b| {
        b.iter(|| {
            let scope = crossbeam_utils::thread::scope(|scope| {
                scope.spawn(|_| job(7)).join().unwrap()
            });
            scope.unwrap()
        });
    });
    group.finish();
}

/// One sum: alone, over a shared total, and over threads that add up on their own.
fn parallel_sum(c: &mut Criterion) {
    let values: Arc<[u32]> = (0..NUMBERS as u32).collect();
    let expected = sum::naive(&values);
    let mut group = c.benchmark_group("parallel_sum");
    group.throughput(Throughput::Elements(NUMBERS as u64));
    group.sample_size(20);

    group.bench_function("naive", |b| b.iter(|| sum::naive(black_box(&values))));
    type Version = fn(&Arc<[u32]>, NonZero<usize>) -> u64;
    let versions: [(&str, Version); 4] = [
        ("shared_total", |values, threads| {
            sum::shared_total(values, threads)
        }),
        ("v1_chunks_joined", |values, threads| {
            sum::v1_chunks_joined(values, threads)
        }),
        ("v2_arc_joined", sum::v2_arc_joined),
        ("v3_scoped", |values, threads| {
            sum::v3_scoped(values, threads)
        }),
    ];
    for (name, version) in versions {
        for threads in [1, 2, 4, 8].map(|n| NonZero::new(n).expect("not zero")) {
            assert_eq!(version(&values, threads), expected, "{name} over {threads}");
            group.bench_function(BenchmarkId::new(name, threads), |b| {
                b.iter(|| version(black_box(&values), threads));
            });
        }
    }
    group.finish();
}

/// One round trip: this thread wakes a partner that sleeps, and sleeps until it is woken.
fn wake_up(c: &mut Criterion) {
    let mut group = c.benchmark_group("wake_up");
    group.sample_size(20);
    group.bench_function("naive", |b| b.iter_custom(yielding));
    group.bench_function("std_park", |b| b.iter_custom(parking));
    group.bench_function("std_condvar", |b| b.iter_custom(condvar));
    group.bench_function("std_channel", |b| b.iter_custom(channel));
    group.bench_function("crossbeam-utils", |b| b.iter_custom(crossbeam_parker));
    group.finish();
}

/// Two flags, and threads that look at theirs until it is set.
fn yielding(rounds: u64) -> Duration {
    let (ping, pong) = (AtomicBool::new(false), AtomicBool::new(false));
    let await_flag = |flag: &AtomicBool| {
        // ORDERING: Acquire, pairs with the Release stores in `yielding`.
        while !flag.load(Acquire) {
            thread::yield_now();
        }
        // ORDERING: Relaxed. The answer that follows is a Release store; whoever sets this
        // flag again has seen that answer, and so comes later.
        flag.store(false, Relaxed);
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..rounds {
                await_flag(&ping);
                // ORDERING: Release, pairs with the Acquire load in `yielding`.
                pong.store(true, Release);
            }
        });
        let start = Instant::now();
        for _ in 0..rounds {
            // ORDERING: Release, pairs with the Acquire load in `yielding`.
            ping.store(true, Release);
            await_flag(&pong);
        }
        start.elapsed()
    })
}

/// The same two flags, but who waits is parked.
fn parking(rounds: u64) -> Duration {
    let (ping, pong) = (AtomicBool::new(false), AtomicBool::new(false));
    let await_flag = |flag: &AtomicBool| {
        // ORDERING: Acquire, pairs with the Release stores in `parking`.
        while !flag.load(Acquire) {
            thread::park();
        }
        // ORDERING: Relaxed, for the reason given in `yielding`.
        flag.store(false, Relaxed);
    };
    let caller = thread::current();
    thread::scope(|scope| {
        let partner = scope.spawn(|| {
            for _ in 0..rounds {
                await_flag(&ping);
                // ORDERING: Release, pairs with the Acquire load in `parking`.
                pong.store(true, Release);
                caller.unpark();
            }
        });
        let start = Instant::now();
        for _ in 0..rounds {
            // ORDERING: Release, pairs with the Acquire load in `parking`.
            ping.store(true, Release);
            partner.thread().unpark();
            await_flag(&pong);
        }
        start.elapsed()
    })
}

fn condvar(rounds: u64) -> Duration {
    let turn = (Mutex::new(false), Condvar::new());
    let take_turn = |mine: bool| {
        let (is_partners, changed) = &turn;
        let mut guard = is_partners.lock().unwrap();
        while *guard != mine {
            guard = changed.wait(guard).unwrap();
        }
        *guard = !mine;
        drop(guard);
        changed.notify_one();
    };
    thread::scope(|scope| {
        scope.spawn(|| (0..rounds).for_each(|_| take_turn(true)));
        let start = Instant::now();
        (0..rounds).for_each(|_| take_turn(false));
        let (is_partners, changed) = &turn;
        let answered = changed.wait_while(is_partners.lock().unwrap(), |turn| *turn);
        drop(answered.unwrap());
        start.elapsed()
    })
}

fn channel(rounds: u64) -> Duration {
    let (ping, pinged) = mpsc::channel();
    let (pong, ponged) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || pinged.iter().for_each(|()| pong.send(()).unwrap()));
        let start = Instant::now();
        for _ in 0..rounds {
            ping.send(()).unwrap();
            ponged.recv().unwrap();
        }
        let time = start.elapsed();
        drop(ping);
        time
    })
}

fn crossbeam_parker(rounds: u64) -> Duration {
    let (mine, partners) = (
        crossbeam_utils::sync::Parker::new(),
        crossbeam_utils::sync::Parker::new(),
    );
    let (wake_me, wake_partner) =
        (mine.unparker().clone(), partners.unparker().clone());
    thread::scope(|scope| {
        scope.spawn(move || {
            for _ in 0..rounds {
                partners.park();
                wake_me.unpark();
            }
        });
        let start = Instant::now();
        for _ in 0..rounds {
            wake_partner.unpark();
            mine.park();
        }
        start.elapsed()
    })
}

/// What the counting itself costs, nobody asleep.
fn wait_group(c: &mut Criterion) {
    let mut group = c.benchmark_group("wait_group");
    group.throughput(Throughput::Elements(MEMBERS as u64));
    group.bench_function("ours", |b| {
        let waiting = WaitGroup::new();
        b.iter(|| {
            let members: [_; MEMBERS] = std::array::from_fn(|_| waiting.add());
            drop(black_box(members));
            waiting.wait();
        });
    });
    group.bench_function("crossbeam-utils", |b| {
        b.iter(|| {
            let waiting = crossbeam_utils::sync::WaitGroup::new();
            let members: [_; MEMBERS] = std::array::from_fn(|_| waiting.clone());
            drop(black_box(members));
            waiting.wait();
        });
    });
    group.finish();
}

/// How the time of one thread is spent: in the call that makes it, until its first line runs,
/// and until `join` is back.
fn spawn_latency() {
    const GROUP: &str = "spawn_latency";
    if !raw::wanted(GROUP) {
        return;
    }
    let samples = if raw::trial() { 1 } else { 5_000 };
    let mut recorder = Recorder::new(CHAPTER, GROUP);
    recorder.title("Where does the time of a thread that does nothing go?");
    let (mut spawned, mut started, mut joined) =
        (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..samples {
        let start = Instant::now();
        let thread = thread::spawn(Instant::now);
        spawned.push(start.elapsed());
        let first_line = thread.join().unwrap();
        joined.push(start.elapsed());
        started.push(first_line - start);
    }
    recorder.row("spawn returns").durations(spawned);
    recorder.row("first line runs").durations(started);
    recorder.row("join returns").durations(joined);
    recorder.write().expect("the samples can be written");
}

/// Says to a copy of this program: measure this row, print it, end.
#[cfg(target_os = "linux")]
const MEMORY_OF: &str = "THREADBARE_MEMORY_OF";

/// What is measured: the row's name, the stack asked for, and how much of it is used.
#[cfg(target_os = "linux")]
const MEMORY_ROWS: [(&str, Option<usize>, usize); 3] = [
    ("default stack", None, 0),
    ("64 KiB stack", Some(SMALL_STACK), 0),
    ("default stack, 256 KiB used", None, 256 * 1024),
];

/// What a thread costs while it does nothing: many are parked, and the kernel is asked.
///
/// Each row in a process of its own, because memory that earlier threads gave back to the
/// allocator would be used again without a trace.
#[cfg(target_os = "linux")]
fn memory() {
    const GROUP: &str = "thread_memory";
    if !raw::wanted(GROUP) {
        return;
    }
    let threads: usize = if raw::trial() { 2 } else { 1_000 };
    let mut recorder = Recorder::new(CHAPTER, GROUP);
    recorder.title("How much memory does one of 1,000 parked threads take?");
    for (number, (name, ..)) in MEMORY_ROWS.into_iter().enumerate() {
        let program = std::env::current_exe().expect("this program has a name");
        let output = std::process::Command::new(program)
            .env(MEMORY_OF, format!("{number} {threads}"))
            // glibc reserves 64 MiB of addresses for each of its arenas, of which there are
            // at most eight a core: that is not what one more thread costs.
            .env("MALLOC_ARENA_MAX", "1")
            .output()
            .expect("this program can run itself");
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).expect("numbers are text");
        let mut row = recorder.row(name);
        let metrics = ["reserved", "resident", "page tables", "kernel stack"];
        for (metric, bytes) in metrics.into_iter().zip(text.split_whitespace()) {
            let bytes: f64 = bytes.parse().expect("the copy prints numbers");
            row = row.value(metric, "B", bytes / threads as f64);
        }
    }
    recorder.write().expect("the samples can be written");
}

#[cfg(not(target_os = "linux"))]
fn memory() {
    eprintln!("thread_memory: not measured, it reads Linux's /proc");
}

/// If this process is such a copy: prints by how many bytes its threads made it grow.
#[cfg(target_os = "linux")]
fn memory_copy() -> bool {
    let Ok(order) = std::env::var(MEMORY_OF) else {
        return false;
    };
    let mut order = order
        .split(' ')
        .map(|word| word.parse::<usize>().expect("a number"));
    let (_, stack, used) = MEMORY_ROWS[order.next().expect("a row")];
    let count = order.next().expect("a number of threads");

    let mut workers = Workers::named("parked");
    if let Some(bytes) = stack {
        workers = workers.stack_size(bytes);
    }
    let group = WaitGroup::new();
    let before = memory_kib();
    for _ in 0..count {
        let member = group.add();
        let asleep = move || {
            touch(used);
            member.done();
            loop {
                thread::park();
            }
        };
        let thread = workers
            .spawn(asleep)
            .expect("the system has room for the threads");
        // The end of this process is the end of them all.
        thread.detach();
    }
    group.wait();
    let after = memory_kib();
    for (after, before) in after.into_iter().zip(before) {
        print!("{} ", (after - before) * 1024);
    }
    true
}

#[cfg(not(target_os = "linux"))]
fn memory_copy() -> bool {
    false
}

/// Uses about `bytes` of the stack, a page a call, and returns.
#[cfg(target_os = "linux")]
#[inline(never)]
fn touch(bytes: usize) {
    const PAGE: usize = 4096;
    if bytes > 0 {
        let mut page = [0_u8; PAGE];
        black_box(&mut page);
        touch(bytes.saturating_sub(PAGE));
        // Looked at again after the call, so that the page must outlive it.
        black_box(&mut page);
    }
}

/// Virtual size, resident size and page tables of this process, and the kernel stacks of the
/// whole system, in KiB.
#[cfg(target_os = "linux")]
fn memory_kib() -> [i64; 4] {
    let status =
        std::fs::read_to_string("/proc/self/status").expect("Linux has /proc");
    let system = std::fs::read_to_string("/proc/meminfo").expect("Linux has /proc");
    let field = |text: &str, name: &str| -> i64 {
        let line = text.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number
            .and_then(|number| number.parse().ok())
            .expect("a field with a number")
    };
    [
        field(&status, "VmSize:"),
        field(&status, "VmRSS:"),
        field(&status, "VmPTE:"),
        field(&system, "KernelStack:"),
    ]
}
