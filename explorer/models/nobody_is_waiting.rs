//! A wake that is forgotten if nobody waits for it at that moment.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::os::WakeCell;
use explorer::ground::thread;

pub const TITLE: &str =
    "A notify counts only if somebody waits for it. Does the message arrive?";

// ANCHOR: model
pub fn model() -> String {
    let queue = AtomicU32::new(0);
    let armed = AtomicU32::new(0);
    let bell = WakeCell::new();
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            // the callback empties the queue,
            let mut got = queue.swap(0, SeqCst);
            while got == 0 {
                // says Rearm,
                armed.store(1, SeqCst);
                // and the loop waits
                bell.wait();
                armed.store(0, SeqCst);
                got = queue.swap(0, SeqCst);
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            // another thread
            queue.store(1, SeqCst);
            // notify: does anybody wait?
            if armed.load(SeqCst) == 1 {
                bell.wake();
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
