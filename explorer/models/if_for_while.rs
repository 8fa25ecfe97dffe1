//! Two consumers wait for items, with an `if` around the wait.

use explorer::ground::sync::{Condvar, Mutex};
use explorer::ground::thread;

pub const TITLE: &str =
    "Two items, two consumers. Can one wake up and find nothing?";

// ANCHOR: model
pub fn model() -> String {
    let items = Mutex::new(Vec::new());
    let arrived = Condvar::new();
    thread::scope(|threads| {
        let one = threads.spawn(|| {
            // ANCHOR: thread_1
            let mut it = items.lock().unwrap();
            if it.is_empty() {
                it = arrived.wait(it).unwrap();
            }
            it.pop()
            // ANCHOR_END: thread_1
        });
        let two = threads.spawn(|| {
            // ANCHOR: thread_2
            let mut it = items.lock().unwrap();
            if it.is_empty() {
                it = arrived.wait(it).unwrap();
            }
            it.pop()
            // ANCHOR_END: thread_2
        });
        threads.spawn(|| {
            // ANCHOR: thread_3
            for item in ["tea", "milk"] {
                items.lock().unwrap().push(item);
                arrived.notify_one();
            }
            // ANCHOR_END: thread_3
        });
        let ending = match (one.join().unwrap(), two.join().unwrap()) {
            (Some(_), Some(_)) => "each consumer got an item",
            (None, _) => "thread 1 woke up, and there was nothing to take",
            (_, None) => "thread 2 woke up, and there was nothing to take",
        };
        ending.to_owned()
    })
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.ends_with("nothing to take")
}
