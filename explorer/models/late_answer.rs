//! A handler is finished, and its client has left. The answer comes back with the number of
//! a slot, which is somebody else's by now.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::thread;

pub const TITLE: &str =
    "Ada hangs up before her handler is finished. Who gets the answer?";

// ANCHOR: model
const NOBODY: u32 = 0;
const ADA: u32 = 1;
const BOB: u32 = 2;

pub fn model() -> String {
    // Who has slot 7.
    let slot_7 = AtomicU32::new(ADA);
    let hung_up = AtomicU32::new(0);
    let inbox = AtomicU32::new(0);
    thread::scope(|threads| {
        let event_loop = threads.spawn(|| {
            // ANCHOR: thread_1
            // dispatch
            if hung_up.load(SeqCst) == 1 {
                slot_7.store(BOB, SeqCst); // who came next
            }
            // take what has come back
            if inbox.swap(0, SeqCst) == 7 {
                slot_7.load(SeqCst) // the answer goes there
            } else {
                NOBODY
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            // the handler: answered, for slot 7
            inbox.store(7, SeqCst);
            // ANCHOR_END: thread_2
        });
        threads.spawn(|| {
            // ANCHOR: thread_3
            // Ada
            hung_up.store(1, SeqCst);
            // ANCHOR_END: thread_3
        });
        match event_loop.join().unwrap() {
            BOB => "Bob gets the answer to what Ada has asked".to_owned(),
            _ => "nobody gets an answer that is not theirs".to_owned(),
        }
    })
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.contains("Bob")
}
