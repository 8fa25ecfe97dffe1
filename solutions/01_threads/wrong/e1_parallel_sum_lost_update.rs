//! must say: If two threads read the same old total, the second to write wipes out
//!
//! Reads the total, weighs, and writes the sum: no data race, and yet a lost update.

use std::num::NonZero;

// --- edit from here ---

use super::ground::atomic::{AtomicU64, Ordering::SeqCst};
use super::ground::thread;

/// The sum of the weights of all items, which `threads` threads weigh.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    threads: NonZero<usize>,
    weigh: impl Fn(&T) -> u64 + Sync,
) -> u64 {
    let share = items.len().div_ceil(threads.get()).max(1);
    let total = AtomicU64::new(0);
    thread::scope(|scope| {
        for chunk in items.chunks(share) {
            let (total, weigh) = (&total, &weigh);
            scope.spawn(move || {
                for item in chunk {
                    // ORDERING: SeqCst, the strongest there is, and it does not
                    // help: the `parallel_sum` of another thread gets in between
                    // load and store.
                    total.store(total.load(SeqCst) + weigh(item), SeqCst);
                }
            });
        }
    });
    total.into_inner()
}

// --- to here ---
