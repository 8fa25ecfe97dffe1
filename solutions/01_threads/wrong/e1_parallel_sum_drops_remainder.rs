//! must say: with 10 items on 3 threads, item 9 (the last) was weighed 0 times instead of once
//!
//! Rounds the share down and forgets the items that are left over.

use std::num::NonZero;

// --- edit from here ---

use super::ground::thread;

/// The sum of the weights of all items, which `threads` threads weigh.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    threads: NonZero<usize>,
    weigh: impl Fn(&T) -> u64 + Sync,
) -> u64 {
    let share = items.len() / threads.get();
    let weigh = &weigh;
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads.get())
            .map(|part| &items[part * share..(part + 1) * share])
            .map(|chunk| scope.spawn(move || chunk.iter().map(weigh).sum::<u64>()))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    })
}

// --- to here ---
