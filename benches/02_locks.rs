//! What a lock costs: alone, beside others, held for long, held for reading; and what is
//! built from locks.
//!
//! Run:  `cargo bench --bench 02_locks` (about five minutes), or one group of it:
//!       `cargo bench --bench 02_locks -- queue`
//! Then: `cargo run -p benches --bin report -- 02_locks` writes the book's tables.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Arc, Barrier, Condvar, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use benches::raw::{self, Recorder};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use threadbare::locks::{
    ConnectionPool, DocumentStore, LockGraph, OrderedMutex, Semaphore,
};

#[path = "02_locks/queues.rs"]
mod queues;

const CHAPTER: &str = "02_locks";
/// How many times a long critical section calls `job`: about 1 us.
const LONG: u32 = 300;

criterion_group! {
    name = benches;
    config = benches::criterion(CHAPTER);
    targets = section, queue, notify_idle, notify, permit, checked_lock, documents
}

fn main() {
    reads("reads_short", 0);
    reads("reads_long", LONG);
    benches();
    Criterion::default().configure_from_args().final_summary();
}

/// A chain of `jobs` multiplications, of which none can begin before the one before it has
/// ended. Never inlined: it takes the same time wherever it is called from.
#[inline(never)]
fn work(n: u64, jobs: u32) -> u64 {
    (0..jobs).fold(n, |n, _| {
        (n ^ (n >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}

/// Runs `body` on so many threads at once, each with its number, and returns the time from
/// the moment at which all were there to the end of the last.
fn on_threads(threads: usize, body: impl Fn(usize) + Sync) -> Duration {
    let begin = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|number| {
                let (begin, body) = (&begin, &body);
                scope.spawn(move || {
                    begin.wait();
                    body(number);
                })
            })
            .collect();
        begin.wait();
        let start = Instant::now();
        for worker in workers {
            worker.join().unwrap();
        }
        start.elapsed()
    })
}

/// A number behind a lock, of which one operation in so many is a read.
trait Number: Sync {
    fn new() -> Self;
    fn read(&self, jobs: u32) -> u64;
    fn write(&self, jobs: u32);
}

macro_rules! number {
    ($($Lock:ty: $read:ident, $write:ident $($unwrap:ident)?;)*) => {
        $(impl Number for $Lock {
            fn new() -> Self {
                Self::new(0)
            }

            fn read(&self, jobs: u32) -> u64 {
                let value = self.$read()$(.$unwrap())?;
                work(*value, jobs)
            }

            fn write(&self, jobs: u32) {
                let mut value = self.$write()$(.$unwrap())?;
                *value = work(*value, jobs).wrapping_add(1);
            }
        })*
    };
}

number! {
    Mutex<u64>: lock, lock unwrap;
    RwLock<u64>: read, write unwrap;
    parking_lot::Mutex<u64>: lock, lock;
    parking_lot::RwLock<u64>: read, write;
}

/// How long one operation takes, if all threads together do so many of which so many in a
/// hundred are reads.
fn operation<N: Number>(threads: usize, reads: u64, jobs: u32, each: u64) -> f64 {
    let number = N::new();
    let time = on_threads(threads, |thread| {
        // Steps of 37 meet each number below 100 once in a hundred.
        let mut place = 13 * thread as u64;
        for _ in 0..each {
            place = (place + 37) % 100;
            if place < reads {
                black_box(number.read(jobs));
            } else {
                number.write(jobs);
            }
        }
    });
    time.as_nanos() as f64 / (threads as u64 * each) as f64
}

/// A mutex against a read-write lock, by the share of reads: where does one overtake the
/// other? The locks take turns, so that a noisy moment meets them all.
fn reads(group: &str, jobs: u32) {
    const ROUNDS: usize = 7;
    if !raw::wanted(group) {
        return;
    }
    type Operation = fn(usize, u64, u32, u64) -> f64;
    const LOCKS: [(&str, Operation); 4] = [
        ("Mutex", operation::<Mutex<u64>>),
        ("RwLock", operation::<RwLock<u64>>),
        ("parking_lot Mutex", operation::<parking_lot::Mutex<u64>>),
        ("parking_lot RwLock", operation::<parking_lot::RwLock<u64>>),
    ];
    let (rounds, total) = match (raw::trial(), jobs) {
        (true, _) => (1, 100),
        (false, 0) => (ROUNDS, 2_000_000),
        (false, _) => (ROUNDS, 60_000),
    };
    let mut recorder = Recorder::new(CHAPTER, group);
    recorder.title(match jobs {
        0 => "Mutex or RwLock? A short critical section: one addition",
        _ => "Mutex or RwLock? A long critical section: about 1 µs",
    });
    recorder.note(
        "The time of all threads' operations divided by their number. RwLock / Mutex: \
         below 1 the read-write lock wins.",
    );
    recorder.ratio("none").chart("RwLock / Mutex");
    for threads in [1, 2, 4] {
        for reads in [100, 99, 90, 50, 0] {
            let mut times = [const { Vec::<f64>::new() }; LOCKS.len()];
            for _ in 0..rounds {
                for ((_, operation), times) in LOCKS.iter().zip(&mut times) {
                    let each = total / threads as u64;
                    times.push(operation(threads, reads, jobs, each));
                }
            }
            // Each turn has its own ratio, so that a slow moment slows both sides of it.
            let turns = times[1].iter().zip(&times[0]);
            let ratio =
                median(turns.map(|(rwlock, mutex)| rwlock / mutex).collect());
            let medians = times.map(median);
            let s = if threads == 1 { "" } else { "s" };
            let name = format!("{threads} thread{s}, {reads} % reads");
            let mut row = recorder.row(&name);
            for ((lock, _), median) in LOCKS.iter().zip(medians) {
                row = row.value(lock, "ns", median);
            }
            row.value("RwLock / Mutex", "", ratio);
        }
    }
    recorder.write().expect("the samples can be written");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The same work of 1 us, under the lock, beside it, and with a lock only at the end. One
/// operation of all threads together.
fn section(c: &mut Criterion) {
    let mut group = c.benchmark_group("section");
    group.throughput(Throughput::Elements(1));
    group.sample_size(20);
    type Version = fn(&Mutex<u64>, u64);
    let versions: [(&str, Version); 3] = [
        ("naive", |total, each| {
            for n in 0..each {
                let mut total = total.lock().unwrap();
                *total = total.wrapping_add(work(n, LONG));
            }
        }),
        ("work_outside", |total, each| {
            for n in 0..each {
                let value = work(n, LONG);
                let mut total = total.lock().unwrap();
                *total = total.wrapping_add(value);
            }
        }),
        ("once_at_the_end", |total, each| {
            let mine = (0..each).map(|n| work(n, LONG)).fold(0, u64::wrapping_add);
            let mut total = total.lock().unwrap();
            *total = total.wrapping_add(mine);
        }),
    ];
    for (name, version) in versions {
        for threads in [1, 2, 4] {
            group.bench_function(BenchmarkId::new(name, threads), |b| {
                b.iter_custom(|operations| {
                    let total = Mutex::new(0);
                    let each = operations.div_ceil(threads as u64);
                    let time = on_threads(threads, |_| version(&total, each));
                    black_box(total.into_inner().unwrap());
                    scaled(time, operations, each * threads as u64)
                });
            });
        }
    }
    group.finish();
}

/// The time that `wanted` operations take, if `done` have taken `time`.
fn scaled(time: Duration, wanted: u64, done: u64) -> Duration {
    time.mul_f64(wanted as f64 / done as f64)
}

/// One item through the queue, from the first push to the last pop.
fn queue(c: &mut Criterion) {
    let mut group = c.benchmark_group("queue");
    group.throughput(Throughput::Elements(1));
    group.sample_size(20);
    for (name, make) in queues::ALL {
        for pairs in [1_usize, 2] {
            let id = BenchmarkId::new(name, format!("{pairs} to {pairs}"));
            group.bench_function(id, |b| {
                b.iter_custom(|items| {
                    let (queue, sum) = (make(), Mutex::new(0));
                    let each = items.div_ceil(pairs as u64);
                    let time = on_threads(2 * pairs, |thread| {
                        if thread % 2 == 0 {
                            (0..each).for_each(|item| queue.push(item));
                        } else {
                            let mine: u64 = (0..each).map(|_| queue.pop()).sum();
                            *sum.lock().unwrap() += mine;
                        }
                    });
                    let pushed = pairs as u64 * (each * each.saturating_sub(1) / 2);
                    assert_eq!(sum.into_inner().unwrap(), pushed, "{name}");
                    scaled(time, items, each * pairs as u64)
                });
            });
        }
    }
    group.finish();
}

/// To notify while nobody sleeps.
fn notify_idle(c: &mut Criterion) {
    let mut group = c.benchmark_group("notify_idle");
    group.bench_function("std", |b| {
        let condvar = Condvar::new();
        b.iter(|| condvar.notify_one());
    });
    group.bench_function("counted", |b| {
        let (condvar, asleep) = (Condvar::new(), Mutex::new(0));
        b.iter(|| {
            if *asleep.lock().unwrap() > 0 {
                condvar.notify_one();
            }
        });
    });
    group.bench_function("parking_lot", |b| {
        let condvar = parking_lot::Condvar::new();
        b.iter(|| condvar.notify_one());
    });
    group.finish();
}

/// One item is there for one of so many sleepers, who says that it has it.
fn notify(c: &mut Criterion) {
    let mut group = c.benchmark_group("notify");
    group.sample_size(20);
    for (name, notify) in [
        ("notify_all", Condvar::notify_all as fn(&Condvar)),
        ("notify_one", Condvar::notify_one),
    ] {
        for sleepers in [1_usize, 4, 16] {
            group.bench_function(BenchmarkId::new(name, sleepers), |b| {
                b.iter_custom(|items| hand_out(items, sleepers, notify));
            });
        }
    }
    group.finish();
}

fn hand_out(items: u64, sleepers: usize, notify: fn(&Condvar)) -> Duration {
    // What is there to be taken, and how much has been; `None` ends it.
    let (state, changed, taken) = (
        Mutex::new((Some(0_u64), 0_u64)),
        Condvar::new(),
        Condvar::new(),
    );
    thread::scope(|scope| {
        for _ in 0..sleepers {
            scope.spawn(|| {
                let mut guard = state.lock().unwrap();
                while let Some(there) = &mut guard.0 {
                    if *there > 0 {
                        *there -= 1;
                        guard.1 += 1;
                        taken.notify_one();
                    } else {
                        guard = changed.wait(guard).unwrap();
                    }
                }
            });
        }
        let start = Instant::now();
        for item in 1..=items {
            state.lock().unwrap().0 = Some(1);
            notify(&changed);
            let guard = state.lock().unwrap();
            drop(taken.wait_while(guard, |state| state.1 < item).unwrap());
        }
        let time = start.elapsed();
        state.lock().unwrap().0 = None;
        changed.notify_all();
        time
    })
}

/// To take something and give it back: nobody else there, and four threads for two permits.
fn permit(c: &mut Criterion) {
    let mut group = c.benchmark_group("permit");
    group.sample_size(20);
    let lock = Mutex::new(0_u64);
    let semaphore = Semaphore::new(2);
    let pool = ConnectionPool::new(2, || Ok::<_, std::io::Error>(0_u64));
    let things: [(&str, &(dyn Fn() + Sync)); 3] = [
        ("std", &|| *lock.lock().unwrap() += 1),
        ("semaphore", &|| drop(semaphore.acquire())),
        ("connection_pool", &|| *pool.get().unwrap() += 1),
    ];
    for (name, pass) in things {
        for threads in [1, 4] {
            group.bench_function(BenchmarkId::new(name, threads), |b| {
                b.iter_custom(|passes| {
                    let each = passes.div_ceil(threads as u64);
                    let time =
                        on_threads(threads, |_| (0..each).for_each(|_| pass()));
                    scaled(time, passes, each * threads as u64)
                });
            });
        }
    }
    group.finish();
}

/// What it costs to be told of a wrong order: two locks, one inside the other.
fn checked_lock(c: &mut Criterion) {
    let mut group = c.benchmark_group("checked_lock");
    group.bench_function("std", |b| {
        let (low, high) = (Mutex::new(0), Mutex::new(0));
        b.iter(|| {
            let mut low = low.lock().unwrap();
            *low += 1;
            *high.lock().unwrap() += *low;
        });
    });
    group.bench_function("ordered", |b| {
        let (low, high) = (
            OrderedMutex::new("low", 1, 0),
            OrderedMutex::new("high", 2, 0),
        );
        b.iter(|| {
            let mut low = low.lock();
            *low += 1;
            *high.lock() += *low;
        });
    });
    group.bench_function("watched", |b| {
        let graph = LockGraph::new();
        let (low, high) = (graph.mutex("low", 0), graph.mutex("high", 0));
        b.iter(|| {
            let mut low = low.lock();
            *low += 1;
            *high.lock() += *low;
        });
        assert!(graph.cycle().is_none());
    });
    group.bench_function("parking_lot", |b| {
        let (low, high) = (parking_lot::Mutex::new(0), parking_lot::Mutex::new(0));
        b.iter(|| {
            let mut low = low.lock();
            *low += 1;
            *high.lock() += *low;
        });
    });
    group.finish();
}

/// A text of 16 KiB out of a store, one operation of all threads together; one in a hundred
/// puts a new one in.
fn documents(c: &mut Criterion) {
    let text = "x".repeat(16 * 1024);
    let mut group = c.benchmark_group("documents");
    group.sample_size(20);

    let copies = Mutex::new(HashMap::from([("a".to_owned(), text.clone())]));
    let texts = RwLock::new(HashMap::from([("a".to_owned(), text.clone())]));
    let shared =
        RwLock::new(HashMap::from([("a".to_owned(), Arc::new(text.clone()))]));
    let store = DocumentStore::new();
    store.open("a", &text);
    type Get<'a> = &'a (dyn Fn() -> usize + Sync);
    let stores: [(&str, Get<'_>, Get<'_>); 4] = [
        (
            "naive",
            &|| black_box(copies.lock().unwrap()["a"].clone()).len(),
            &|| {
                let mut texts = copies.lock().unwrap();
                texts.insert("a".to_owned(), text.clone()).map_or(0, |_| 0)
            },
        ),
        (
            "std",
            &|| black_box(texts.read().unwrap()["a"].clone()).len(),
            &|| {
                let mut texts = texts.write().unwrap();
                texts.insert("a".to_owned(), text.clone()).map_or(0, |_| 0)
            },
        ),
        (
            "std_arc",
            &|| Arc::clone(&shared.read().unwrap()["a"]).len(),
            &|| {
                let new = Arc::new(text.clone());
                let mut texts = shared.write().unwrap();
                texts.insert("a".to_owned(), new).map_or(0, |_| 0)
            },
        ),
        (
            "document_store",
            &|| store.get("a").expect("it is open").text().len(),
            &|| {
                store.open("a", &text);
                0
            },
        ),
    ];
    for (name, get, put) in stores {
        assert_eq!(get(), text.len());
        for threads in [1, 2, 4] {
            group.bench_function(BenchmarkId::new(name, threads), |b| {
                b.iter_custom(|operations| {
                    let each = operations.div_ceil(threads as u64);
                    let time = on_threads(threads, |_| {
                        for n in 0..each {
                            black_box(if n % 100 == 0 { put() } else { get() });
                        }
                    });
                    scaled(time, operations, each * threads as u64)
                });
            });
        }
    }
    group.finish();
}
