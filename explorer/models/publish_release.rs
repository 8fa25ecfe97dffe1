//! The same as `publish_relaxed`, with Release on the stores of `len` and Acquire on its load.

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use explorer::ground::thread;

pub const TITLE: &str =
    "The same with Release and Acquire. Can an entry be missing now?";

// ANCHOR: model
pub fn model() -> String {
    let first = AtomicU32::new(0);
    let second = AtomicU32::new(0);
    let len = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            first.store(7, Relaxed);
            len.store(1, Release);
            second.store(8, Relaxed);
            len.store(2, Release);
            // ANCHOR_END: thread_1
        });
        let reader = threads.spawn(|| {
            // ANCHOR: thread_2
            let mut read = Vec::new();
            let n = len.load(Acquire);
            if n >= 1 {
                read.push(first.load(Relaxed));
            }
            if n >= 2 {
                read.push(second.load(Relaxed));
            }
            read
            // ANCHOR_END: thread_2
        });
        let read = reader.join().unwrap();
        if read.contains(&0) {
            format!("read {read:?}: an entry is missing")
        } else {
            format!("read {read:?}: every entry is there")
        }
    })
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.ends_with("missing")
}
