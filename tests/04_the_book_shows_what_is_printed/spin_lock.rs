//! A spin lock whose unlock is Relaxed, around plain memory.

#![allow(unsafe_code, reason = "a data race needs plain memory")]

use explorer::ground::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed},
};
use explorer::ground::cell::UnsafeCell;
use explorer::ground::{Named as _, sync::Arc, thread};

// ANCHOR: data_race
struct Counter {
    locked: AtomicBool,
    count: UnsafeCell<u32>,
}

// SAFETY: `count` is used only by the thread that has set `locked`. So it is meant.
unsafe impl Sync for Counter {}

impl Counter {
    fn add_one(&self) {
        // ORDERING: Acquire; pairs with the store at the end of `add_one`, which should
        // be a Release.
        while self.locked.swap(true, Acquire) {
            thread::yield_now();
        }
        // SAFETY: the lock is held.
        self.count.with_mut(|count| unsafe { *count += 1 });
        // ORDERING: Relaxed. That is the bug.
        self.locked.store(false, Relaxed);
    }
}

pub(crate) fn model() {
    let counter = Arc::new(Counter {
        locked: AtomicBool::new(false).named("locked"),
        count: UnsafeCell::new(0).named("count"),
    });
    let other = Arc::clone(&counter);
    let other = thread::spawn(move || other.add_one());
    counter.add_one();
    other.join().unwrap();
}
// ANCHOR_END: data_race
