//! must say: is each thread started before another one is waited for?
//!
//! Starts the second thread when the first has ended: a chain of lazy iterators.

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
    thread::scope(|scope| {
        items
            .chunks(share)
            .map(|chunk| scope.spawn(move || chunk.iter().map(weigh).sum::<u64>()))
            .map(|thread| thread.join().unwrap())
            .sum()
    })
}

// --- to here ---
