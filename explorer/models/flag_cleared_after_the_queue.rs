//! A loop that empties its queue and then forgets that it was notified. What it forgets may
//! be the notice of a message that has come since.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::os::WakeCell;
use explorer::ground::thread;

pub const TITLE: &str =
    "Two messages, and a loop that clears its word last. Does it get both?";

// ANCHOR: model
const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const NOTIFIED: u32 = 2;

pub fn model() -> String {
    let queue = AtomicU32::new(0);
    let word = AtomicU32::new(AWAKE);
    let eventfd = WakeCell::new();
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            let mut got = queue.swap(0, SeqCst);
            while got < 2 {
                if change(&word, AWAKE, ASLEEP) {
                    eventfd.wait();
                }
                got += queue.swap(0, SeqCst);
                // belongs above the line above
                word.store(AWAKE, SeqCst);
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            for _ in 0..2 {
                queue.fetch_add(1, SeqCst);
                let was = word.swap(NOTIFIED, SeqCst);
                if was == ASLEEP {
                    eventfd.wake();
                }
            }
            // ANCHOR_END: thread_2
        });
    });
    "the loop has both messages".to_owned()
}

#[track_caller]
fn change(word: &AtomicU32, old: u32, new: u32) -> bool {
    word.compare_exchange(old, new, SeqCst, SeqCst).is_ok()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
