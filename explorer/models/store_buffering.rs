//! Each of two threads stores to one location and then loads the other.

use explorer::ground::atomic::{AtomicU32, Ordering::Relaxed};
use explorer::ground::thread;

pub const TITLE: &str =
    "Each thread stores 1, then reads the other’s. Can both read 0?";

// ANCHOR: model
pub fn model() -> String {
    let x = AtomicU32::new(0);
    let y = AtomicU32::new(0);
    thread::scope(|threads| {
        let one = threads.spawn(|| {
            // ANCHOR: thread_1
            x.store(1, Relaxed);
            y.load(Relaxed)
            // ANCHOR_END: thread_1
        });
        let two = threads.spawn(|| {
            // ANCHOR: thread_2
            y.store(1, Relaxed);
            x.load(Relaxed)
            // ANCHOR_END: thread_2
        });
        let (one, two) = (one.join().unwrap(), two.join().unwrap());
        format!("thread 1 read {one}, thread 2 read {two}")
    })
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending == "thread 1 read 0, thread 2 read 0"
}
