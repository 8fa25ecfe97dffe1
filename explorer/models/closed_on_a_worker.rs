//! A worker closes a descriptor that is still armed. The loop has an event for it in hand,
//! and the next connection gets the same number.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::thread;

pub const TITLE: &str = "A worker has answered, and closes descriptor 5. Whose bytes does the loop read from it?";

// ANCHOR: model
const CLOSED: u32 = 0;
const OLD: u32 = 1;
const NEW: u32 = 2;

pub fn model() -> String {
    // Which connection the descriptor 5 leads to.
    let five = AtomicU32::new(OLD);
    let armed = AtomicU32::new(1);
    thread::scope(|threads| {
        let event_loop = threads.spawn(|| {
            // ANCHOR: thread_1
            // collect: is 5, the old one, ready?
            let ready = armed.load(SeqCst) == 1;
            // accept: the lowest free number
            open(&five, NEW);
            if ready {
                // read from 5, for the old one
                five.load(SeqCst)
            } else {
                CLOSED
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            // answered: close 5
            five.store(CLOSED, SeqCst);
            armed.store(0, SeqCst);
            // ANCHOR_END: thread_2
        });
        match event_loop.join().unwrap() {
            NEW => "the new one's bytes are taken for the old one's".to_owned(),
            OLD => "the loop has read the old one's bytes".to_owned(),
            _ => "the loop has read nothing".to_owned(),
        }
    })
}

/// A new connection gets the number, if it is free.
#[track_caller]
fn open(number: &AtomicU32, who: u32) {
    let _ = number.compare_exchange(CLOSED, who, SeqCst, SeqCst);
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.contains("taken for")
}
