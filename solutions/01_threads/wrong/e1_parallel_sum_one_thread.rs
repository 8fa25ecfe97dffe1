//! must say: waits until 2 threads are weighing
//!
//! Starts one thread and lets it do everything.

use std::num::NonZero;

// --- edit from here ---

use super::ground::thread;

/// The sum of the weights of all items, which `threads` threads weigh.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    _threads: NonZero<usize>,
    weigh: impl Fn(&T) -> u64 + Sync,
) -> u64 {
    thread::scope(|scope| {
        let thread = scope.spawn(|| items.iter().map(&weigh).sum());
        thread.join().unwrap()
    })
}

// --- to here ---
