//! must say: which fits into a u64, but the answer returned
//!
//! Adds up in floating point, which is exact to 53 bits only.

use std::num::NonZero;

// --- edit from here ---

use super::ground::thread;

/// The sum of the weights of all items, which `threads` threads weigh.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    threads: NonZero<usize>,
    weigh: impl Fn(&T) -> u64 + Sync,
) -> u64 {
    let share = items.len().div_ceil(threads.get()).max(1);
    let weigh = &weigh;
    let sum: f64 = thread::scope(|scope| {
        let running: Vec<_> = items
            .chunks(share)
            .map(|chunk| {
                scope.spawn(move || {
                    chunk.iter().map(|item| weigh(item) as f64).sum::<f64>()
                })
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    sum as u64
}

// --- to here ---
