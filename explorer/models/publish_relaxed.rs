//! One thread appends two entries to a log and says each time how long it is now; the other
//! reads as many as it is told.

use explorer::ground::atomic::{AtomicU32, Ordering::Relaxed};
use explorer::ground::thread;

pub const TITLE: &str =
    "The length is stored after the entry. Can the entry be missing?";

// ANCHOR: model
pub fn model() -> String {
    let first = AtomicU32::new(0);
    let second = AtomicU32::new(0);
    let len = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            first.store(7, Relaxed);
            len.store(1, Relaxed);
            second.store(8, Relaxed);
            len.store(2, Relaxed);
            // ANCHOR_END: thread_1
        });
        let reader = threads.spawn(|| {
            // ANCHOR: thread_2
            let mut read = Vec::new();
            let n = len.load(Relaxed);
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
