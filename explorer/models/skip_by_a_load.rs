//! A wake that looks before it writes, and leaves the word alone if it is NOTIFIED already:
//! each side stores, and then reads an old value of what the other one stores.

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use explorer::ground::os::WakeCell;
use explorer::ground::thread;

pub const TITLE: &str = "The word is NOTIFIED already, so why write it again?";

// ANCHOR: model
const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const NOTIFIED: u32 = 2;

pub fn model() -> String {
    let queue = AtomicU32::new(0);
    // An earlier wake, which the loop is about to take note of.
    let word = AtomicU32::new(NOTIFIED);
    let eventfd = WakeCell::new();
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            word.swap(AWAKE, AcqRel);
            while queue.load(Acquire) == 0 {
                if change(&word, AWAKE, ASLEEP) {
                    eventfd.wait();
                }
                word.swap(AWAKE, AcqRel);
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            queue.store(1, Release);
            if word.load(Relaxed) == NOTIFIED {
                return; // it knows
            }
            let was = word.swap(NOTIFIED, AcqRel);
            if was == ASLEEP {
                eventfd.wake();
            }
            // ANCHOR_END: thread_2
        });
    });
    "the loop has the message".to_owned()
}

#[track_caller]
fn change(word: &AtomicU32, old: u32, new: u32) -> bool {
    word.compare_exchange(old, new, AcqRel, Acquire).is_ok()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
