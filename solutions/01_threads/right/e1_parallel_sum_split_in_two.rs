//! Right: gives half of the items and of the threads away, again and again.

use std::num::NonZero;

// --- edit from here ---

use super::ground::thread;

/// The sum of the weights of all items, which `threads` threads weigh.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    threads: NonZero<usize>,
    weigh: impl Fn(&T) -> u64 + Sync,
) -> u64 {
    fn split<T: Sync>(
        items: &[T],
        threads: usize,
        weigh: &(impl Fn(&T) -> u64 + Sync),
    ) -> u64 {
        if threads < 2 || items.len() < 2 {
            return items.iter().map(weigh).sum();
        }
        let theirs = threads / 2;
        let (left, right) = items.split_at(items.len() * theirs / threads);
        thread::scope(|scope| {
            let helper = scope.spawn(move || split(left, theirs, weigh));
            let own = split(right, threads - theirs, weigh);
            own + helper.join().unwrap()
        })
    }
    split(items, threads.get(), &weigh)
}

// --- to here ---
