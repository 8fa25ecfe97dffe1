//! Whoever finds the inbox empty wakes the loop. It takes one message each time.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::os::WakeCell;
use explorer::ground::thread;

pub const TITLE: &str =
    "Two answers, and a loop that takes one for each wake. Does it get both?";

// ANCHOR: model
pub fn model() -> String {
    let inbox = AtomicU32::new(0);
    let waker = WakeCell::new();
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            for _ in 0..2 {
                waker.wait();
                inbox.fetch_sub(1, SeqCst); // one of them
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            // two handlers, one behind the other
            for _ in 0..2 {
                let before = inbox.fetch_add(1, SeqCst);
                if before == 0 {
                    waker.wake(); // it was empty
                }
            }
            // ANCHOR_END: thread_2
        });
    });
    "the loop has both".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
