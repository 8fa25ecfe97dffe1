//! Right: a fixed number of named threads, some perhaps idle, that send their parts.

use std::num::NonZero;

// --- edit from here ---

use super::ground::sync::mpsc;
use super::ground::thread;

/// The sum of the weights of all items, which `threads` threads weigh.
pub fn parallel_sum<T: Sync>(
    items: &[T],
    threads: NonZero<usize>,
    weigh: impl Fn(&T) -> u64 + Sync,
) -> u64 {
    let (sender, parts) = mpsc::channel();
    thread::scope(|scope| {
        for number in 0..threads.get() {
            let from = items.len() * number / threads;
            let to = items.len() * (number + 1) / threads;
            let (share, sender, weigh) = (&items[from..to], sender.clone(), &weigh);
            thread::Builder::new()
                .name(format!("sum-{number}"))
                .spawn_scoped(scope, move || {
                    let part =
                        share.iter().fold(0_u64, |sum, item| sum + weigh(item));
                    sender.send(part).unwrap();
                })
                .unwrap();
        }
    });
    drop(sender);
    parts.into_iter().sum()
}

// --- to here ---
