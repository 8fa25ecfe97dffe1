//! Mutexes: every version, those of std and of crates, and the reader's.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use benches::raw::{self, Recorder};
use criterion::Criterion;
use crossbeam_utils::CachePadded;
use threadbare::sync::mutex::{v1_spin, v2_two_state, v3_three_state, v4_adaptive};

#[cfg(feature = "mine")]
use crate::mine;
use crate::{CHAPTER, median, on_threads, row, work};

/// How many turns a long section has: about a microsecond.
const LONG: u32 = 300;
/// How many threads fight for a lock.
const THREADS: [usize; 3] = [2, 4, 8];

/// Somebody's lock around a number.
trait Lock: Sync {
    fn new() -> Self;
    fn with(&self, section: impl FnOnce(&mut u64));
}

macro_rules! locks {
    ($($Lock:ty $(, $unwrap:ident)?;)*) => {
        $(impl Lock for $Lock {
            fn new() -> Self {
                <$Lock>::new(0)
            }

            #[inline]
            fn with(&self, section: impl FnOnce(&mut u64)) {
                section(&mut self.lock()$(.$unwrap())?);
            }
        })*
    };
}

locks! {
    std::sync::Mutex<u64>, unwrap;
    v1_spin::Mutex<u64>;
    v2_two_state::Mutex<u64>;
    v3_three_state::Mutex<u64>;
    v4_adaptive::Mutex<u64>, unwrap;
    parking_lot::Mutex<u64>;
    spin::Mutex<u64>;
}
#[cfg(feature = "mine")]
locks! { mine::Mutex<u64>; }

/// What is done with a type of lock.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    /// So many locks and unlocks, nobody else there.
    alone: fn(u64) -> Duration,
    /// Lets so many threads go so often through a section of so many turns.
    fight: fn(usize, u64, u32) -> Duration,
    /// Lets so many threads go through a section of so many turns until the time is up.
    share: fn(usize, u32, Duration) -> Share,
}

/// How a lock was shared out.
struct Share {
    /// The most that a thread got, over the least.
    inequality: f64,
    /// The longest that a thread has waited, in nanoseconds.
    longest_wait: f64,
}

fn kind<L: Lock>(name: &'static str) -> Kind {
    Kind {
        name,
        alone: alone::<L>,
        fight: fight::<L>,
        share: share::<L>,
    }
}

fn kinds() -> Vec<Kind> {
    #[allow(unused_mut, reason = "it grows with the feature `mine`")]
    let mut kinds = vec![
        kind::<std::sync::Mutex<u64>>("std"),
        kind::<v1_spin::Mutex<u64>>("v1_spin"),
        kind::<v2_two_state::Mutex<u64>>("v2_two_state"),
        kind::<v3_three_state::Mutex<u64>>("v3_three_state"),
        kind::<v4_adaptive::Mutex<u64>>("v4_adaptive"),
        kind::<parking_lot::Mutex<u64>>("parking_lot"),
        kind::<spin::Mutex<u64>>("spin"),
    ];
    #[cfg(feature = "mine")]
    if mine::is_solved("05.1", || {
        fight::<mine::Mutex<u64>>(2, 1_000, 0);
    }) {
        kinds.push(kind::<mine::Mutex<u64>>("mine"));
    }
    kinds
}

fn alone<L: Lock>(iterations: u64) -> Duration {
    let lock = CachePadded::new(L::new());
    let start = Instant::now();
    for _ in 0..iterations {
        black_box(&lock).with(|value| *value += 1);
    }
    start.elapsed()
}

fn fight<L: Lock>(threads: usize, iterations: u64, turns: u32) -> Duration {
    let lock = CachePadded::new(L::new());
    let time = on_threads(threads, |_| {
        for _ in 0..iterations {
            lock.with(|value| section(value, turns));
        }
    });
    lock.with(|value| assert_eq!(*value, threads as u64 * iterations));
    time
}

fn section(value: &mut u64, turns: u32) {
    black_box(work(*value, turns));
    *value += 1;
}

fn share<L: Lock>(threads: usize, turns: u32, window: Duration) -> Share {
    let lock = CachePadded::new(L::new());
    let is_over = CachePadded::new(AtomicBool::new(false));
    let shares = std::sync::Mutex::new(Vec::new());
    let time_it = || {
        let (mut count, mut longest) = (0_u64, Duration::ZERO);
        // ORDERING: Relaxed. Nothing but the end of this loop depends on the store in `share`.
        while !is_over.load(Relaxed) {
            let before = Instant::now();
            lock.with(|value| {
                longest = longest.max(before.elapsed());
                section(value, turns);
            });
            count += 1;
        }
        shares.lock().unwrap().push((count, longest));
    };
    thread::scope(|scope| {
        scope.spawn(|| on_threads(threads, |_| time_it()));
        thread::sleep(window);
        // ORDERING: Relaxed, as the load above, in `share`.
        is_over.store(true, Relaxed);
    });
    let shares = shares.into_inner().unwrap();
    let counts = shares.iter().map(|&(count, _)| count);
    let (most, least) = (counts.clone().max(), counts.min());
    let longest = shares.iter().map(|&(_, longest)| longest).max();
    Share {
        inequality: most.unwrap_or(0) as f64 / least.unwrap_or(0).max(1) as f64,
        longest_wait: longest.unwrap_or_default().as_nanos() as f64,
    }
}

/// To lock and unlock, while nobody else is there.
pub(crate) fn uncontended(c: &mut Criterion) {
    let mut group = c.benchmark_group("uncontended");
    for kind in kinds() {
        group.bench_function(kind.name, |b| b.iter_custom(kind.alone));
    }
}

/// A section of one addition, and hardly any time between two.
pub(crate) fn contended_short(c: &mut Criterion) {
    contended(c, "contended_short", 0);
}

/// A section of about a microsecond.
pub(crate) fn contended_long(c: &mut Criterion) {
    contended(c, "contended_long", LONG);
}

fn contended(c: &mut Criterion, group: &str, turns: u32) {
    let mut group = c.benchmark_group(group);
    for kind in kinds() {
        for threads in THREADS {
            let name = (kind.name, &*threads.to_string());
            row(&mut group, name, threads, |threads, iterations| {
                (kind.fight)(threads, iterations, turns)
            });
        }
    }
}

/// How evenly a lock is shared out, and how long it takes until who waits longest gets it.
pub(crate) fn fairness() {
    const GROUP: &str = "fairness";
    const SECTIONS: [(&str, u32); 2] = [("short", 0), ("long", LONG)];
    if !raw::wanted(GROUP) {
        return;
    }
    let (rounds, window) = match raw::trial() {
        true => (1, Duration::from_millis(2)),
        false => (5, Duration::from_millis(100)),
    };
    let mut recorder = Recorder::new(CHAPTER, GROUP);
    recorder.title("How evenly is a lock shared out?");
    recorder.note(
        "In a tenth of a second: how often the luckiest thread got the lock, over how \
         often the unluckiest did; medians of five rounds, in which the locks take turns. \
         The last two columns are the longest wait of any thread among eight.",
    );
    recorder.ratio("none").chart("8 threads, long");
    let kinds = kinds();
    // For each lock its cells; for each cell, what each round found.
    let cells = 2 * SECTIONS.len() * THREADS.len();
    let mut found = vec![vec![Vec::new(); cells]; kinds.len()];
    for _ in 0..rounds {
        for (place, (_, turns)) in SECTIONS.into_iter().enumerate() {
            for (column, threads) in THREADS.into_iter().enumerate() {
                for (kind, found) in kinds.iter().zip(&mut found) {
                    let share = (kind.share)(threads, turns, window);
                    let cell = 2 * (place * THREADS.len() + column);
                    found[cell].push(share.inequality);
                    found[cell + 1].push(share.longest_wait);
                }
            }
        }
    }
    for (kind, found) in kinds.iter().zip(found) {
        let medians: Vec<f64> = found.into_iter().map(median).collect();
        let mut row = recorder.row(kind.name);
        for (place, (section, _)) in SECTIONS.into_iter().enumerate() {
            for (column, threads) in THREADS.into_iter().enumerate() {
                let name = format!("{threads} threads, {section}");
                let cell = 2 * (place * THREADS.len() + column);
                row = row.value(&name, "", medians[cell]);
            }
        }
        let last = |place: usize| 2 * (place * THREADS.len() + THREADS.len()) - 1;
        for (place, (section, _)) in SECTIONS.into_iter().enumerate() {
            let name = format!("wait, {section}");
            row = row.value(&name, "ns", medians[last(place)]);
        }
    }
    recorder.write().expect("the samples can be written");
}
