//! must say: with 10 items on 3 threads, item 4 was weighed 2 times instead of once
//!
//! Each share ends one item too late.

use std::num::NonZero;

// --- edit from here ---

use super::ground::thread;

/// The sum of the weights of all items, which `threads` threads weigh.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    threads: NonZero<usize>,
    weigh: impl Fn(&T) -> u64 + Sync,
) -> u64 {
    let share = items.len().div_ceil(threads.get());
    let weigh = &weigh;
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads.get())
            .map(|part| {
                let from = (part * share).min(items.len());
                let to = (from + share + 1).min(items.len());
                let chunk = &items[from..to];
                scope.spawn(move || chunk.iter().map(weigh).sum::<u64>())
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    })
}

// --- to here ---
