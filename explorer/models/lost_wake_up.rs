//! A thread waits for a flag on a futex word, and reads that word too late.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::{futex, thread};

pub const TITLE: &str = "Can thread 1 sleep for ever?";

// ANCHOR: model
pub fn model() -> String {
    let flag = AtomicU32::new(0);
    let bell = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            while flag.load(SeqCst) == 0 {
                let rung = bell.load(SeqCst);
                futex::wait(&bell, rung);
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            flag.store(1, SeqCst);
            bell.fetch_add(1, SeqCst);
            futex::wake_one(&bell);
            // ANCHOR_END: thread_2
        });
    });
    "both have returned".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
