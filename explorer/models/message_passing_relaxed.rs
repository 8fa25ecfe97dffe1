//! One thread stores data and raises a flag; the other looks at the flag and loads the data.

use explorer::ground::atomic::{AtomicU32, Ordering::Relaxed};
use explorer::ground::thread;

pub const TITLE: &str = "The flag is up. Can the data still be 0?";

// ANCHOR: model
pub fn model() -> String {
    let data = AtomicU32::new(0);
    let ready = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            data.store(42, Relaxed);
            ready.store(1, Relaxed);
            // ANCHOR_END: thread_1
        });
        let reader = threads.spawn(|| {
            // ANCHOR: thread_2
            if ready.load(Relaxed) == 1 {
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
