//! Read-write locks: both versions, those of std and of crates, and the reader's.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion};
use crossbeam_utils::CachePadded;
use threadbare::sync::rwlock::{v1_readers_first, v2_writers_first};

#[cfg(feature = "mine")]
use crate::mine;
use crate::{on_threads, row, work};

/// How many threads read and write together.
const THREADS: usize = 4;
/// How many turns a section has: some tens of nanoseconds, as for a look into a small map.
const TURNS: u32 = 20;

/// Somebody's lock around a number.
trait Lock: Sync {
    fn new() -> Self;
    fn read<R>(&self, section: impl FnOnce(&u64) -> R) -> R;
    fn write<R>(&self, section: impl FnOnce(&mut u64) -> R) -> R;
}

macro_rules! locks {
    ($($Lock:ty: $read:ident, $write:ident $(, $unwrap:ident)?;)*) => {
        $(impl Lock for $Lock {
            fn new() -> Self {
                <$Lock>::new(0)
            }

            #[inline]
            fn read<R>(&self, section: impl FnOnce(&u64) -> R) -> R {
                section(&self.$read()$(.$unwrap())?)
            }

            #[inline]
            fn write<R>(&self, section: impl FnOnce(&mut u64) -> R) -> R {
                section(&mut self.$write()$(.$unwrap())?)
            }
        })*
    };
}

locks! {
    std::sync::RwLock<u64>: read, write, unwrap;
    v1_readers_first::RwLock<u64>: read, write;
    v2_writers_first::RwLock<u64>: read, write, unwrap;
    parking_lot::RwLock<u64>: read, write;
    spin::RwLock<u64>: read, write;
    std::sync::Mutex<u64>: lock, lock, unwrap;
}
#[cfg(feature = "mine")]
locks! { mine::RwLock<u64>: read, write; }

/// What is done with a type of lock.
struct Kind {
    name: &'static str,
    /// So many reads, nobody else there.
    read: fn(u64) -> Duration,
    /// So many writes, nobody else there.
    write: fn(u64) -> Duration,
    /// So many operations by each of so many threads, of which so many in a hundred are
    /// reads.
    mix: fn(usize, u64, u64) -> Duration,
}

fn kind<L: Lock>(name: &'static str) -> Kind {
    Kind {
        name,
        read: |iterations| {
            let lock = CachePadded::new(L::new());
            let start = Instant::now();
            for _ in 0..iterations {
                black_box(black_box(&lock).read(|value| *value));
            }
            start.elapsed()
        },
        write: |iterations| {
            let lock = CachePadded::new(L::new());
            let start = Instant::now();
            for _ in 0..iterations {
                black_box(&lock).write(|value| *value += 1);
            }
            start.elapsed()
        },
        mix: mix::<L>,
    }
}

fn kinds() -> Vec<Kind> {
    #[allow(unused_mut, reason = "it grows with the feature `mine`")]
    let mut kinds = vec![
        kind::<std::sync::RwLock<u64>>("std"),
        kind::<v1_readers_first::RwLock<u64>>("v1_readers_first"),
        kind::<v2_writers_first::RwLock<u64>>("v2_writers_first"),
        kind::<parking_lot::RwLock<u64>>("parking_lot"),
        kind::<spin::RwLock<u64>>("spin"),
        kind::<std::sync::Mutex<u64>>("std Mutex"),
    ];
    #[cfg(feature = "mine")]
    if mine::is_solved("05.3", || {
        mix::<mine::RwLock<u64>>(2, 1_000, 90);
    }) {
        kinds.push(kind::<mine::RwLock<u64>>("mine"));
    }
    kinds
}

fn mix<L: Lock>(threads: usize, iterations: u64, reads: u64) -> Duration {
    let lock = CachePadded::new(L::new());
    on_threads(threads, |thread| {
        // Steps of 37 meet each number below 100 once in a hundred.
        let mut place = 13 * thread as u64;
        for _ in 0..iterations {
            place = (place + 37) % 100;
            if place < reads {
                black_box(lock.read(|value| work(*value, TURNS)));
            } else {
                lock.write(|value| *value = work(*value, TURNS) | 1);
            }
        }
    })
}

/// To lock and unlock, while nobody else is there.
pub(crate) fn rwlock_alone(c: &mut Criterion) {
    let mut group = c.benchmark_group("rwlock_alone");
    for kind in kinds() {
        for (what, run) in [("read", kind.read), ("write", kind.write)] {
            let id = BenchmarkId::new(kind.name, what);
            group.bench_function(id, |b| b.iter_custom(run));
        }
    }
}

/// Four threads, a short section, and so many reads in a hundred.
pub(crate) fn rwlock_mix(c: &mut Criterion) {
    let mut group = c.benchmark_group("rwlock_mix");
    for kind in kinds() {
        for reads in [99, 90, 50] {
            let name = (kind.name, &*format!("{reads} % reads"));
            row(&mut group, name, THREADS, |threads, iterations| {
                (kind.mix)(threads, iterations, reads)
            });
        }
    }
}
