//! Three events in one batch: the first closes a connection, the second opens another, and
//! the third was for the one that is closed.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::thread;

pub const TITLE: &str = "A connection is closed, and a new one gets its slot. Who gets the old one's event?";

// ANCHOR: model
const FREE: u32 = 0;
const OLD: u32 = 1;
const NEW: u32 = 2;

// What the kernel has to report.
const QUIT: u32 = 1;
const CONNECT: u32 = 2;
const HUNG_UP: u32 = 4;

pub fn model() -> String {
    let slot = AtomicU32::new(OLD);
    let events = AtomicU32::new(0);
    thread::scope(|threads| {
        let event_loop = threads.spawn(|| {
            // ANCHOR: thread_1
            // collect
            let batch = events.swap(0, SeqCst);
            // dispatch
            if batch & QUIT != 0 {
                slot.store(FREE, SeqCst);
            }
            if batch & CONNECT != 0 {
                take(&slot, NEW);
            }
            if batch & HUNG_UP != 0 {
                // whoever is in it
                slot.swap(FREE, SeqCst)
            } else {
                FREE
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            // the old client
            events.fetch_or(QUIT, SeqCst);
            events.fetch_or(HUNG_UP, SeqCst);
            // ANCHOR_END: thread_2
        });
        threads.spawn(|| {
            // ANCHOR: thread_3
            // the new client
            events.fetch_or(CONNECT, SeqCst);
            // ANCHOR_END: thread_3
        });
        match event_loop.join().unwrap() {
            NEW => "the new client is thrown out: the old one hung up".to_owned(),
            _ => "no event has gone to the wrong client".to_owned(),
        }
    })
}

/// A new connection takes a slot that is free.
#[track_caller]
fn take(slot: &AtomicU32, who: u32) {
    let _ = slot.compare_exchange(FREE, who, SeqCst, SeqCst);
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.contains("thrown out")
}
