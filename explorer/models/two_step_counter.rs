//! Two threads add 1 twice each, with a load and a store.

use explorer::ground::atomic::{AtomicU32, Ordering::Relaxed};
use explorer::ground::thread;

pub const TITLE: &str =
    "Two threads add 1, twice each. How little can be left of the 4?";

// ANCHOR: model
pub fn model() -> String {
    let count = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            for _ in 0..2 {
                let seen = count.load(Relaxed);
                count.store(seen + 1, Relaxed);
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            for _ in 0..2 {
                let seen = count.load(Relaxed);
                count.store(seen + 1, Relaxed);
            }
            // ANCHOR_END: thread_2
        });
    });
    match count.into_inner() {
        4 => "count = 4: nothing is lost".to_owned(),
        count => format!("count = {count}: {} lost", 4 - count),
    }
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    !ending.starts_with("count = 4")
}
