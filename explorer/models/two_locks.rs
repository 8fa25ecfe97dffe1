//! Two threads take two locks, in opposite order.

use explorer::ground::sync::Mutex;
use explorer::ground::thread;

pub const TITLE: &str = "Two locks, taken in opposite order. How can nobody go on?";

// ANCHOR: model
pub fn model() -> String {
    let a = Mutex::new(100);
    let b = Mutex::new(100);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            let mut from = a.lock().unwrap();
            let mut to = b.lock().unwrap();
            *from -= 10;
            *to += 10;
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            let mut from = b.lock().unwrap();
            let mut to = a.lock().unwrap();
            *from -= 20;
            *to += 20;
            // ANCHOR_END: thread_2
        });
    });
    let (a, b) = (a.into_inner().unwrap(), b.into_inner().unwrap());
    format!("a = {a}, b = {b}")
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
