//! must say: waiting in weigh until all threads are weighing
//!
//! Weighs while it holds the lock of the total: many threads, one at a time.

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
                let mut total = total.lock().unwrap();
                *total += chunk.iter().map(weigh).sum::<u64>();
            });
        }
    });
    total.into_inner().unwrap()
}

// --- to here ---
