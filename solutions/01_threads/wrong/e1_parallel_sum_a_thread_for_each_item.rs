//! must say: at most 3 threads may weigh 64 items, but 64 did
//!
//! Takes a thread for something that costs nothing.

use std::num::NonZero;

// --- edit from here ---

use super::ground::thread;

/// The sum of the weights of all items, which `threads` threads weigh.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    _threads: NonZero<usize>,
    weigh: impl Fn(&T) -> u64 + Sync,
) -> u64 {
    let weigh = &weigh;
    thread::scope(|scope| {
        let running: Vec<_> = items
            .iter()
            .map(|item| scope.spawn(move || weigh(item)))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    })
}

// --- to here ---
