//! Work that divides itself: a tree of forks, and a slice of uneven pieces.

use std::hint::black_box;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use benches::raw;
use threadbare::pool::{ThreadPool, v1_one_queue, v2_queue_per_worker};

use crate::pools::{Fork, LEFT, Spawn};
use crate::{Table, alone, minimal, row, work};

/// Which Fibonacci number `join` computes: 832,039 forks.
const NUMBER: u32 = 29;
const TRIAL_NUMBER: u32 = 12;
/// How many pieces of work `each` has.
const PIECES: usize = 10_000;
/// How many multiplications the dearest piece is; the first ones are next to nothing.
const DEAREST: f64 = 3_000.0;
/// How many pieces a job takes where somebody has to cut the slice by hand.
const CUT: usize = 16;

/// Fibonacci numbers, computed the slow way: a fork for every addition.
pub(crate) fn join() {
    let number = if raw::trial() { TRIAL_NUMBER } else { NUMBER };
    let forks = forks(number);
    let table = Table {
        group: "join",
        title: "A fork and its join, with nothing to do between them",
        note: "The time of one of the 832,039 forks in the 29th Fibonacci number. \
               `std_threads` forks until it has so many threads and goes on without; \
               `direct` never forks.",
        rounds: 15,
        pieces: forks,
    };
    let expected = fib(number);
    let timed = move |run: &mut dyn FnMut() -> u64| {
        let start = Instant::now();
        assert_eq!(black_box(run()), expected);
        start.elapsed()
    };
    table.measure(vec![
        row("rayon", move |n| {
            timed(&mut || fork_in::<rayon::ThreadPool>(n, number))
        }),
        row("pool", move |n| {
            timed(&mut || fork_in::<ThreadPool>(n, number))
        }),
        row("std_threads", move |n| {
            timed(&mut || fork_threads(number, n))
        }),
        alone("direct", move |_| timed(&mut || fib(number))),
    ]);
}

fn forks(number: u32) -> usize {
    match number {
        0 | 1 => 0,
        n => 1 + forks(n - 1) + forks(n - 2),
    }
}

fn fib(number: u32) -> u64 {
    match black_box(number) {
        n @ (0 | 1) => u64::from(n),
        n => fib(n - 1) + fib(n - 2),
    }
}

fn fork_in<P: Fork>(threads: usize, number: u32) -> u64 {
    P::shared(threads).install(|| fork::<P>(number))
}

fn fork<P: Fork>(number: u32) -> u64 {
    match number {
        n @ (0 | 1) => u64::from(n),
        n => {
            let (a, b) = P::join(|| fork::<P>(n - 1), || fork::<P>(n - 2));
            a + b
        }
    }
}

fn fork_threads(number: u32, threads: usize) -> u64 {
    if threads == 1 {
        return fib(number);
    }
    let half = threads / 2;
    thread::scope(|scope| {
        let other = scope.spawn(|| fork_threads(number - 1, half));
        fork_threads(number - 2, half) + other.join().unwrap()
    })
}

/// A piece of work, and where its result goes.
struct Piece {
    turns: u32,
    result: AtomicU64,
}

impl Piece {
    fn work(&self) {
        let result = work(u64::from(self.turns), self.turns);
        // ORDERING: Relaxed. Whoever looks at it has waited for the job.
        self.result.store(result, Relaxed);
    }
}

/// Something for each element of a slice, whose last elements cost the most.
pub(crate) fn each() {
    let pieces: &'static [Piece] = (0..PIECES)
        .map(|index| {
            let part = index as f64 / PIECES as f64;
            Piece {
                turns: (part * part * DEAREST) as u32,
                result: AtomicU64::new(0),
            }
        })
        .collect::<Vec<_>>()
        .leak();
    let expected: Vec<u64> = pieces
        .iter()
        .map(|piece| work(u64::from(piece.turns), piece.turns))
        .collect();
    let timed = move |run: &dyn Fn()| {
        for piece in pieces {
            // ORDERING: Relaxed. Nobody works yet.
            piece.result.store(0, Relaxed);
        }
        let start = Instant::now();
        run();
        let time = start.elapsed();
        for (piece, expected) in pieces.iter().zip(&expected) {
            // ORDERING: Relaxed. `run` has waited for all of them.
            assert_eq!(piece.result.load(Relaxed), *expected);
        }
        time
    };
    let table = Table {
        group: "each",
        title: "Ten thousand pieces of work, the last ones the largest",
        note: "All of them. Who has no `each` cuts jobs of 16 pieces; `std_threads` gives \
               each thread an equal share in one piece.",
        rounds: 15,
        pieces: 1,
    };
    let timed: &'static (dyn Fn(&dyn Fn()) -> Duration + Sync) =
        Box::leak(Box::new(timed));
    table.measure(vec![
        row("rayon", move |n| {
            timed(&|| rayon::ThreadPool::shared(n).each(pieces, Piece::work))
        }),
        row("v1_one_queue", move |n| {
            timed(&|| cut::<v1_one_queue::ThreadPool>(n, pieces))
        }),
        row("v2_queue_per_worker", move |n| {
            timed(&|| cut::<v2_queue_per_worker::ThreadPool>(n, pieces))
        }),
        row("pool", move |n| {
            timed(&|| Fork::each(ThreadPool::shared(n), pieces, Piece::work))
        }),
        row("threadpool", move |n| {
            timed(&|| cut::<threadpool::ThreadPool>(n, pieces))
        }),
        row("crossbeam_deque", move |n| {
            timed(&|| cut::<minimal::Pool>(n, pieces))
        }),
        row("std_threads", move |n| {
            timed(&|| {
                thread::scope(|scope| {
                    for share in pieces.chunks(pieces.len().div_ceil(n)) {
                        scope.spawn(|| share.iter().for_each(Piece::work));
                    }
                });
            })
        }),
    ]);
}

fn cut<S: Spawn>(threads: usize, pieces: &'static [Piece]) {
    let pool = S::shared(threads);
    LEFT.begin(pieces.len().div_ceil(CUT));
    for share in pieces.chunks(CUT) {
        pool.spawn(|| {
            share.iter().for_each(Piece::work);
            LEFT.done();
        });
    }
    LEFT.wait();
}
