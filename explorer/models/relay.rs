//! Two threads each compute a half, and whoever is done last adds up. One releases what it has
//! written, the other acquires: that is right for one order, and nobody knows the order.

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use explorer::ground::thread;

pub const TITLE: &str =
    "One releases, one acquires. Does the last one see both halves?";

// ANCHOR: model
pub fn model() -> String {
    let left = AtomicU32::new(0);
    let right = AtomicU32::new(0);
    let done = AtomicU32::new(0);
    thread::scope(|threads| {
        let one = threads.spawn(|| {
            // ANCHOR: thread_1
            left.store(10, Relaxed);
            if done.fetch_add(1, Release) == 1 {
                let other = right.load(Relaxed);
                return Some(10 + other);
            }
            None
            // ANCHOR_END: thread_1
        });
        let two = threads.spawn(|| {
            // ANCHOR: thread_2
            right.store(20, Relaxed);
            if done.fetch_add(1, Acquire) == 1 {
                let other = left.load(Relaxed);
                return Some(20 + other);
            }
            None
            // ANCHOR_END: thread_2
        });
        match (one.join().unwrap(), two.join().unwrap()) {
            (None, Some(sum)) => {
                format!("thread 2 is last: 20 + {} = {sum}", sum - 20)
            }
            (Some(sum), None) => {
                format!("thread 1 is last: 10 + {} = {sum}", sum - 10)
            }
            _ => unreachable!("one of them is last"),
        }
    })
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    !ending.ends_with("= 30")
}
