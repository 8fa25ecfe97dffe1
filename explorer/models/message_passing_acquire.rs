//! The same as `message_passing_relaxed`, with Release on the flag's store and Acquire on its load.

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use explorer::ground::thread;

pub const TITLE: &str =
    "The same with Release and Acquire. Can the data still be 0?";

// ANCHOR: model
pub fn model() -> String {
    let data = AtomicU32::new(0);
    let ready = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            data.store(42, Relaxed);
            ready.store(1, Release);
            // ANCHOR_END: thread_1
        });
        let reader = threads.spawn(|| {
            // ANCHOR: thread_2
            if ready.load(Acquire) == 1 {
                Some(data.load(Relaxed))
            } else {
                None
            }
            // ANCHOR_END: thread_2
        });
        match reader.join().unwrap() {
            Some(data) => format!("ready, data = {data}"),
            None => "not ready yet".to_owned(),
        }
    })
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending == "ready, data = 0"
}
