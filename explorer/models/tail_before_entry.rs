//! A ring that is shared with a kernel. The tail says how many entries there are, and is
//! moved before the entry is written.

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use explorer::ground::thread;

pub const TITLE: &str =
    "The tail is moved, then the entry is written. What does the kernel carry out?";

// ANCHOR: model
const NOTHING: u32 = 0;
const LAST_TIME: u32 = 3; // what this entry said one round ago
const THIS_TIME: u32 = 7;

pub fn model() -> String {
    let entry = AtomicU32::new(LAST_TIME);
    let tail = AtomicU32::new(0);
    let head = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            // the loop: there is one more
            tail.store(1, Release);
            // and this is what it says
            entry.store(THIS_TIME, Relaxed);
            // ANCHOR_END: thread_1
        });
        let kernel = threads.spawn(|| {
            // ANCHOR: thread_2
            // the kernel
            if tail.load(Acquire) == 1 {
                let said = entry.load(Relaxed);
                head.store(1, Release);
                said
            } else {
                NOTHING
            }
            // ANCHOR_END: thread_2
        });
        match kernel.join().unwrap() {
            LAST_TIME => "it does what was asked of it last time".to_owned(),
            THIS_TIME => "it does what it was asked to".to_owned(),
            _ => "it has seen nothing yet".to_owned(),
        }
    })
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.contains("last time")
}
