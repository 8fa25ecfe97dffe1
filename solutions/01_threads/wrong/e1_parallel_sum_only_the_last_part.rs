//! must say: is a part of it lost, or counted twice, on the way from a thread to the total?
//!
//! Each thread's part replaces the total instead of adding to it.

use std::num::NonZero;

// --- edit from here ---

use super::ground::sync::Mutex;
use super::ground::thread;

/// The sum of the weights of all items, which `threads` threads weigh.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    threads: NonZero<usize>,
    weigh: impl Fn(&T) -> u64 + Sync,
) -> u64 {
    let share = items.len().div_ceil(threads.get()).max(1);
    let total = Mutex::new(0);
    thread::scope(|scope| {
        for chunk in items.chunks(share) {
            let (total, weigh) = (&total, &weigh);
            scope.spawn(move || {
                let part: u64 = chunk.iter().map(weigh).sum();
                *total.lock().unwrap() = part;
            });
        }
    });
    total.into_inner().unwrap()
}

// --- to here ---
