//! Right: each thread takes the next item that nobody has taken, and the caller
//! helps.

use std::num::NonZero;

// --- edit from here ---

use super::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use super::ground::thread;

/// The sum of the weights of all items, which `threads` threads weigh.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    threads: NonZero<usize>,
    weigh: impl Fn(&T) -> u64 + Sync,
) -> u64 {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut sum = 0;
        // ORDERING: Relaxed. Each place is handed out once, whatever the order; the
        // items were there before the threads.
        while let Some(item) = items.get(next.fetch_add(1, Relaxed)) {
            sum += weigh(item);
        }
        sum
    };
    thread::scope(|scope| {
        let helpers: Vec<_> =
            (1..threads.get()).map(|_| scope.spawn(&work)).collect();
        let own = work();
        own + helpers
            .into_iter()
            .map(|helper| match helper.join() {
                Ok(sum) => sum,
                Err(payload) => std::panic::resume_unwind(payload),
            })
            .sum::<u64>()
    })
}

// --- to here ---
