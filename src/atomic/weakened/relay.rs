//! Two threads write a half each, and whoever counts itself out last adds up.

use crate::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Relaxed},
};
use crate::ground::thread;

// ANCHOR: work
/// Does one half; whoever is last returns the sum of both.
fn work(
    mine: &AtomicU32,
    half: u32,
    others: &AtomicU32,
    done: &AtomicU32,
) -> Option<u32> {
    // ORDERING: Relaxed. `done` hands it over.
    mine.store(half, Relaxed);
    // ORDERING: AcqRel; pairs with itself, in `work` of the other thread.
    let is_last = done.fetch_add(1, AcqRel) == 1;
    // ORDERING: Relaxed. Whoever is last has acquired it.
    is_last.then(|| half + others.load(Relaxed))
}
// ANCHOR_END: work

pub(crate) fn model() {
    let left = AtomicU32::new(0);
    let right = AtomicU32::new(0);
    let done = AtomicU32::new(0);
    let sums = thread::scope(|threads| {
        let one = threads.spawn(|| work(&left, 10, &right, &done));
        let two = threads.spawn(|| work(&right, 20, &left, &done));
        [one.join().unwrap(), two.join().unwrap()]
    });
    let sum = sums.into_iter().flatten().next().expect("one is last");
    assert!(sum == 30, "the sum is {sum}");
}
