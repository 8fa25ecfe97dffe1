//! A read of a file lies in the pool's queue. The loop cancels it while a thread takes it.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::thread;

pub const TITLE: &str =
    "A file is to be read by a pool thread, and is cancelled. Who has the buffer?";

// ANCHOR: model
const QUEUED: u32 = 0;
const RUNNING: u32 = 1;
const WITHDRAWN: u32 = 2;

pub fn model() -> String {
    let job = AtomicU32::new(QUEUED);
    // Who believes that the buffer is theirs.
    let owners = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            // the loop: cancel
            if job.load(SeqCst) == QUEUED {
                job.store(WITHDRAWN, SeqCst);
                // gives the buffer back
                owners.fetch_add(1, SeqCst);
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            // a thread of the pool
            if job.load(SeqCst) == QUEUED {
                job.store(RUNNING, SeqCst);
                // reads into the buffer
                owners.fetch_add(1, SeqCst);
            }
            // ANCHOR_END: thread_2
        });
    });
    match owners.load(SeqCst) {
        2 => "cancelled, and read all the same: two have the buffer".to_owned(),
        _ => "one of them has the buffer".to_owned(),
    }
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.contains("two have")
}
