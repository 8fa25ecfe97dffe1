//! A loop that looks at its queue, and then says that it sleeps by a store, whatever has been
//! written into the word since.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::os::WakeCell;
use explorer::ground::thread;

pub const TITLE: &str =
    "The queue is empty, so the loop goes to sleep. Can a message come in between?";

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
            while queue.swap(0, SeqCst) == 0 {
                // not from NOTIFIED, please
                word.store(ASLEEP, SeqCst);
                eventfd.wait();
                word.store(AWAKE, SeqCst);
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            queue.store(1, SeqCst);
            let was = word.swap(NOTIFIED, SeqCst);
            if was == ASLEEP {
                eventfd.wake();
            }
            // ANCHOR_END: thread_2
        });
    });
    "the loop has the message".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
