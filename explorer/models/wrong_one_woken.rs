//! A place for one item, whose producer and consumers sleep on the same condition variable.

use explorer::ground::sync::{Condvar, Mutex};
use explorer::ground::thread;

pub const TITLE: &str =
    "Room for one item, and two are to go through. Can all three sleep?";

// ANCHOR: model
pub fn model() -> String {
    let full = Mutex::new(false);
    let changed = Condvar::new();
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            let mut it = full.lock().unwrap();
            while !*it {
                it = changed.wait(it).unwrap();
            }
            *it = false; // takes an item
            changed.notify_one();
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            let mut it = full.lock().unwrap();
            while !*it {
                it = changed.wait(it).unwrap();
            }
            *it = false; // takes an item
            changed.notify_one();
            // ANCHOR_END: thread_2
        });
        threads.spawn(|| {
            // ANCHOR: thread_3
            for _ in 0..2 {
                let mut it = full.lock().unwrap();
                while *it {
                    it = changed.wait(it).unwrap();
                }
                *it = true; // puts an item
                changed.notify_one();
            }
            // ANCHOR_END: thread_3
        });
    });
    "both items went through".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
