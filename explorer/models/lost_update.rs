//! Two threads add one to a counter, each with a load and a store.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::thread;

pub const TITLE: &str = "Two threads add 1. Can the counter end at 1?";

// ANCHOR: model
pub fn model() -> String {
    let counter = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            let seen = counter.load(SeqCst);
            counter.store(seen + 1, SeqCst);
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            let seen = counter.load(SeqCst);
            counter.store(seen + 1, SeqCst);
            // ANCHOR_END: thread_2
        });
    });
    format!("counter = {}", counter.into_inner())
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending != "counter = 2"
}
