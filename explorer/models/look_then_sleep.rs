//! A thread waits for a flag, with a sleep that compares nothing.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::{futex, thread};

pub const TITLE: &str =
    "Thread 1 looks, and then goes to sleep. Who can come between the two?";

// ANCHOR: model
pub fn model() -> String {
    let flag = AtomicU32::new(0);
    // Never changes: a wait that compares it with 0 always goes to sleep.
    let queue = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            while flag.load(SeqCst) == 0 {
                futex::wait(&queue, 0);
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            flag.store(1, SeqCst);
            futex::wake_one(&queue);
            // ANCHOR_END: thread_2
        });
    });
    "thread 1 has seen the flag".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
