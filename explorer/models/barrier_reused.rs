//! A barrier that only counts who has arrived, used twice by two threads.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::{futex, thread};

pub const TITLE: &str = "Two threads meet twice. Is the second time like the first?";

// ANCHOR: model
// ANCHOR: shared
fn meet(arrived: &AtomicU32) {
    if arrived.fetch_add(1, SeqCst) == 1 {
        arrived.store(0, SeqCst); // the last one
        futex::wake_all(arrived);
    } else {
        let mut n = arrived.load(SeqCst);
        while n != 0 {
            futex::wait(arrived, n);
            n = arrived.load(SeqCst);
        }
    }
}
// ANCHOR_END: shared

pub fn model() -> String {
    let arrived = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            meet(&arrived);
            meet(&arrived);
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            meet(&arrived);
            meet(&arrived);
            // ANCHOR_END: thread_2
        });
    });
    "both have met twice".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
