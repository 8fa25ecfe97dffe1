//! What is built from the same words: condition variable, semaphore, once, queue.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode};
use threadbare::locks::bounded_queue::v2_on_sync;
use threadbare::sync::condvar::{v1_sequence, v2_counted};
use threadbare::sync::semaphore;
use threadbare::{locks, sync};

#[cfg(feature = "mine")]
use crate::mine;
use crate::queues::{self, Queue};
use crate::{on_threads, row};

/// How many items a queue has room for, as those of `queues`.
const CAPACITY: usize = 128;

/// Where the two threads of a round trip are, and when they notify.
#[derive(Clone, Copy)]
struct Trip {
    name: &'static str,
    on_one_core: bool,
    under_the_lock: bool,
}

const TRIPS: [Trip; 4] = [
    trip("one core", true, false),
    trip("one core, under the lock", true, true),
    trip("two cores", false, false),
    trip("two cores, under the lock", false, true),
];

const fn trip(name: &'static str, on_one_core: bool, under_the_lock: bool) -> Trip {
    Trip {
        name,
        on_one_core,
        under_the_lock,
    }
}

/// A function that lets two threads take turns so often: each waits until it is its turn,
/// makes it the other's, and notifies it.
macro_rules! turns {
    ($Mutex:ty, $Condvar:ty $(, $unwrap:ident)?) => {
        |trip, rounds| {
            let turn = <$Mutex>::new(0_usize);
            let changed = [<$Condvar>::new(), <$Condvar>::new()];
            on_threads(2, |me| {
                if trip.on_one_core {
                    crate::settle(0);
                }
                for _ in 0..rounds {
                    let mut guard = turn.lock()$(.$unwrap())?;
                    while *guard != me {
                        turns!(wait, changed[me], guard $(, $unwrap)?);
                    }
                    *guard = 1 - me;
                    if trip.under_the_lock {
                        changed[1 - me].notify_one();
                        drop(guard);
                    } else {
                        drop(guard);
                        changed[1 - me].notify_one();
                    }
                }
            })
        }
    };
    (wait, $condvar:expr, $guard:ident, $unwrap:ident) => {
        $guard = $condvar.wait($guard).$unwrap()
    };
    (wait, $condvar:expr, $guard:ident) => {
        $condvar.wait(&mut $guard)
    };
}

/// A round trip between two threads that take turns.
pub(crate) fn condvar(c: &mut Criterion) {
    type Turns = fn(Trip, u64) -> Duration;
    let rows: [(&str, Turns); 4] = [
        (
            "std",
            turns!(std::sync::Mutex<usize>, std::sync::Condvar, unwrap),
        ),
        (
            "v1_sequence",
            turns!(sync::Mutex<usize>, v1_sequence::Condvar, unwrap),
        ),
        (
            "v2_counted",
            turns!(sync::Mutex<usize>, v2_counted::Condvar, unwrap),
        ),
        (
            "parking_lot",
            turns!(parking_lot::Mutex<usize>, parking_lot::Condvar),
        ),
    ];
    let mut group = c.benchmark_group("condvar");
    group.sampling_mode(SamplingMode::Flat);
    for (name, turns) in rows {
        for trip in TRIPS {
            let id = BenchmarkId::new(name, trip.name);
            group.bench_function(id, |b| b.iter_custom(|n| turns(trip, n)));
        }
    }
}

/// To notify while nobody waits.
pub(crate) fn notify_idle(c: &mut Criterion) {
    let mut group = c.benchmark_group("notify_idle");
    macro_rules! rows {
        ($($name:literal: $Condvar:ty;)*) => {
            $(group.bench_function($name, |b| {
                let condvar = <$Condvar>::new();
                b.iter(|| black_box(&condvar).notify_one());
            });)*
        };
    }
    rows! {
        "std": std::sync::Condvar;
        "v1_sequence": v1_sequence::Condvar;
        "v2_counted": v2_counted::Condvar;
        "parking_lot": parking_lot::Condvar;
    }
}

/// To take a permit and give it back: alone, and four threads for two permits.
pub(crate) fn semaphore(c: &mut Criterion) {
    type Pass = fn(usize, u64) -> Duration;
    macro_rules! pass {
        ($Semaphore:ty) => {
            |threads, passes| {
                let semaphore = <$Semaphore>::new(2);
                let time = on_threads(threads, |_| {
                    for _ in 0..passes {
                        drop(black_box(semaphore.acquire()));
                    }
                });
                assert_eq!(semaphore.available(), 2);
                time
            }
        };
    }
    #[allow(unused_mut, reason = "it grows with the feature `mine`")]
    let mut rows: Vec<(&str, Pass)> = vec![
        // Chapter 02's: a number under a mutex, and a condition variable.
        ("std", pass!(locks::Semaphore)),
        ("v1_one_word", pass!(semaphore::v1_one_word::Semaphore)),
        ("v2_counted", pass!(semaphore::v2_counted::Semaphore)),
    ];
    #[cfg(feature = "mine")]
    {
        let pass: Pass = pass!(mine::Semaphore);
        if mine::is_solved("05.4", move || {
            pass(4, 1_000);
        }) {
            rows.push(("mine", pass));
        }
    }
    let mut group = c.benchmark_group("semaphore");
    for (name, pass) in rows {
        for threads in [1, 4] {
            row(&mut group, (name, &threads.to_string()), threads, pass);
        }
    }
}

/// What it costs to find that it has been done.
pub(crate) fn once(c: &mut Criterion) {
    let mut group = c.benchmark_group("once");
    macro_rules! rows {
        ($($name:literal, $what:literal: $make:expr, $once:ident => $look:expr;)*) => {
            $(group.bench_function(BenchmarkId::new($name, $what), |b| {
                let made = $make;
                let look = || {
                    let $once = black_box(&made);
                    $look
                };
                look();
                b.iter(look);
            });)*
        };
    }
    rows! {
        "std", "call_once":
            std::sync::Once::new(), once => once.call_once(|| ());
        "sync", "call_once":
            sync::Once::new(), once => once.call_once(|| ());
        "parking_lot", "call_once":
            parking_lot::Once::new(), once => once.call_once(|| ());
        "spin", "call_once":
            spin::Once::<()>::new(), once => { once.call_once(|| ()); };
        "std", "get_or_init":
            std::sync::OnceLock::new(), once => *once.get_or_init(|| 7_u64);
        "sync", "get_or_init":
            sync::OnceLock::new(), once => *once.get_or_init(|| 7_u64);
        "spin", "get_or_init":
            spin::Once::new(), once => *once.call_once(|| 7_u64);
        "std", "lazy":
            std::sync::LazyLock::new(|| 7_u64), once => **once;
        "sync", "lazy":
            sync::LazyLock::new(|| 7_u64), once => **once;
    }
}

impl Queue for v2_on_sync::BoundedQueue<u64> {
    fn push(&self, item: u64) {
        self.push(item).expect("it is never closed");
    }

    fn pop(&self) -> u64 {
        self.pop().expect("it is never closed")
    }
}

/// An item through a queue, from a producer to a consumer.
pub(crate) fn queue(c: &mut Criterion) {
    const SHOWN: [&str; 3] = ["std", "v1_on_std", "crossbeam-channel"];
    let shown = queues::ALL.into_iter().filter(|row| SHOWN.contains(&row.0));
    let mut rows: Vec<_> = shown.collect();
    rows.insert(
        2,
        ("v2_on_sync", || {
            Box::new(v2_on_sync::BoundedQueue::new(CAPACITY))
        }),
    );
    let mut group = c.benchmark_group("queue");
    for (name, make) in rows {
        for pairs in [1, 2] {
            let parameter = format!("{pairs} to {pairs}");
            row(&mut group, (name, &parameter), pairs, |pairs, items| {
                let queue = make();
                on_threads(2 * pairs, |thread| {
                    for item in 0..items {
                        if thread % 2 == 0 {
                            queue.push(item);
                        } else {
                            black_box(queue.pop());
                        }
                    }
                })
            });
        }
    }
}
