//! Two readers that want to write, and for that each waits until it is the only reader.

use explorer::ground::sync::{Condvar, Mutex};
use explorer::ground::thread;

pub const TITLE: &str =
    "Two readers want to write, once they read alone. Who goes first?";

// ANCHOR: model
pub fn model() -> String {
    let readers = Mutex::new(0_u32);
    let left = Condvar::new();
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            *readers.lock().unwrap() += 1;
            let mut n = readers.lock().unwrap();
            while *n > 1 {
                n = left.wait(n).unwrap();
            }
            *n -= 1; // alone: writes, leaves
            left.notify_all();
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            *readers.lock().unwrap() += 1;
            let mut n = readers.lock().unwrap();
            while *n > 1 {
                n = left.wait(n).unwrap();
            }
            *n -= 1; // alone: writes, leaves
            left.notify_all();
            // ANCHOR_END: thread_2
        });
    });
    "both have written".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
