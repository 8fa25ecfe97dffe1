//! Given for 04.1: two threads add one to a counter, each in two steps.

use super::super::ground::Named as _;
use super::super::ground::atomic::{AtomicU32, Ordering::Relaxed};
use super::super::ground::sync::Arc;
use super::super::ground::thread::{self, JoinHandle};

/// Where the counter ends. Thread 0 starts threads 1 and 2 and waits for both.
pub fn both_count() -> u32 {
    let counter = Arc::new(AtomicU32::new(0).named("counter"));
    let one = start(&counter);
    let two = start(&counter);
    one.join().unwrap();
    two.join().unwrap();
    // ORDERING: Relaxed. Both threads were joined, and that orders.
    counter.load(Relaxed)
}

fn start(counter: &Arc<AtomicU32>) -> JoinHandle<()> {
    let counter = Arc::clone(counter);
    thread::spawn(move || {
        // ORDERING: Relaxed. No ordering makes two steps one.
        let seen = counter.load(Relaxed);
        // ORDERING: Relaxed, as above.
        counter.store(seen + 1, Relaxed);
    })
}
