//! One sum over several threads: from what does not compile to scoped borrows.
//!
//! The numbers are `u32` and the sum is `u64`, so that 2^32 of them cannot overflow it.
//!
//! # Version 0: a data race, refused
//!
//! The obvious attempt lets every thread add to one variable. Two threads would then read
//! and write the same memory without order: a data race. The borrow checker sees two
//! exclusive borrows at the same time, and stops:
//!
//! ```compile_fail,E0499
//! use threadbare::ground::thread;
//!
//! let values = [1_u32, 2, 3, 4];
//! let (left, right) = values.split_at(2);
//! let mut total = 0_u64;
//! thread::scope(|scope| {
//!     scope.spawn(|| left.iter().for_each(|value| total += u64::from(*value)));
//!     scope.spawn(|| right.iter().for_each(|value| total += u64::from(*value)));
//! });
//! ```
//!
//! Sharing the variable through a `Cell` gets past the borrow checker, and then `Cell` is
//! not `Sync`:
//!
//! ```compile_fail,E0277
//! use std::cell::Cell;
//! use threadbare::ground::thread;
//!
//! let total = Cell::new(0_u64);
//! thread::scope(|scope| {
//!     scope.spawn(|| total.set(total.get() + 1));
//!     scope.spawn(|| total.set(total.get() + 2));
//! });
//! ```
//!
//! And without a scope, nothing proves that the slice lives as long as the threads:
//!
//! ```compile_fail,E0521
//! use threadbare::ground::thread;
//!
//! fn sum(values: &[u32]) -> u64 {
//!     let thread = thread::spawn(move || values.iter().copied().map(u64::from).sum());
//!     thread.join().unwrap()
//! }
//! ```

use std::num::NonZero;

use super::{Workers, join_all};
use crate::ground::atomic::{AtomicU64, Ordering::Relaxed};
use crate::ground::sync::Arc;
use crate::ground::thread;

/// Adds the numbers up on the calling thread: what every version is compared with.
#[must_use]
pub fn naive(values: &[u32]) -> u64 {
    values.iter().copied().map(u64::from).sum()
}

/// How many numbers each of `threads` threads gets, the last one perhaps fewer.
fn share(len: usize, threads: NonZero<usize>) -> usize {
    // At least 1: `chunks(0)` panics, and an empty slice has no chunks anyway.
    len.div_ceil(threads.get()).max(1)
}

/// Right, and slow: all threads add each number to one shared atomic.
///
/// There is no data race and no number is lost. But every addition needs the one cache line
/// for itself, so that the threads queue up for it: more threads, more waiting. It is here
/// to be measured.
///
/// # Blocking
/// Until all threads have ended.
#[must_use]
pub fn shared_total(values: &[u32], threads: NonZero<usize>) -> u64 {
    let total = AtomicU64::new(0);
    thread::scope(|scope| {
        for chunk in values.chunks(share(values.len(), threads)) {
            let total = &total;
            scope.spawn(move || {
                for value in chunk {
                    // ORDERING: Relaxed. Only the sum matters, and addition commutes; the
                    // end of `thread::scope` orders all of it before `into_inner`.
                    total.fetch_add(u64::from(*value), Relaxed);
                }
            });
        }
    });
    total.into_inner()
}

/// Version 1: each thread owns a copy of its chunk.
///
/// A spawned thread may outlive its caller, so it may borrow nothing from it. Copying is
/// the plain way out; it costs an allocation and a pass over all the numbers.
///
/// # Panics
/// If the system refuses a thread.
/// # Blocking
/// Until all threads have ended.
#[must_use]
// ANCHOR: v1
pub fn v1_chunks_joined(values: &[u32], threads: NonZero<usize>) -> u64 {
    let mut running = Vec::new();
    for chunk in values.chunks(share(values.len(), threads)) {
        let chunk = chunk.to_vec();
        running.push(thread::spawn(move || naive(&chunk)));
    }
    running
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .sum()
}
// ANCHOR_END: v1

/// Version 2: the threads own the numbers together.
///
/// No copy, but the caller must have put them into an `Arc` from the start.
///
/// # Panics
/// If the system refuses a thread.
/// # Blocking
/// Until all threads have ended.
#[must_use]
// ANCHOR: v2
pub fn v2_arc_joined(values: &Arc<[u32]>, threads: NonZero<usize>) -> u64 {
    let share = share(values.len(), threads);
    let mut workers = Workers::named("sum");
    let mut running = Vec::new();
    for start in (0..values.len()).step_by(share) {
        let values = Arc::clone(values);
        let job = move || naive(&values[start..values.len().min(start + share)]);
        running.push(workers.spawn(job).expect("the system refused a thread"));
    }
    join_all(running)
        .into_iter()
        .map(|sum| sum.expect("adding cannot panic"))
        .sum()
}
// ANCHOR_END: v2

/// Version 3: the threads borrow the numbers, and the scope proves that they may.
///
/// The calling thread takes the first chunk itself, so `threads` = 1 starts none.
///
/// # Panics
/// If the system refuses a thread.
/// # Blocking
/// Until all threads have ended.
#[must_use]
// ANCHOR: v3
pub fn v3_scoped(values: &[u32], threads: NonZero<usize>) -> u64 {
    let mut chunks = values.chunks(share(values.len(), threads));
    let own = chunks.next().unwrap_or(&[]);
    thread::scope(|scope| {
        // Collected, so that every thread runs before the first one is waited for.
        let running: Vec<_> = chunks
            .map(|chunk| scope.spawn(move || naive(chunk)))
            .collect();
        let own = naive(own);
        own + running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum::<u64>()
    })
}
// ANCHOR_END: v3

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_cover_everything() {
        for threads in (1..=9).map(|n| NonZero::new(n).unwrap()) {
            assert_eq!(share(0, threads), 1);
            for len in 1..40 {
                let share = share(len, threads);
                assert!(
                    share * threads.get() >= len,
                    "{len} over {threads}: {share}"
                );
                assert!(share <= len, "{len} over {threads}: {share}");
            }
        }
    }

    #[test]
    fn the_sum_is_wider_than_its_numbers() {
        let values = [u32::MAX; 3];
        let two = NonZero::new(2).unwrap();
        assert_eq!(v3_scoped(&values, two), 3 * u64::from(u32::MAX));
    }
}
