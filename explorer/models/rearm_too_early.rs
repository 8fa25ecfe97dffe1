//! A worker that arms a one-shot registration again, and only then says that it has done with
//! the connection.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::os::WakeCell;
use explorer::ground::thread;

pub const TITLE: &str = "The worker arms the connection, then lets go of it. Who serves the next request?";

// ANCHOR: model
const LOOP: u32 = 0;
const WORKER: u32 = 1;

pub fn model() -> String {
    let owner = AtomicU32::new(WORKER);
    let armed = AtomicU32::new(0);
    let bytes = AtomicU32::new(0);
    let epoll = WakeCell::new();
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            epoll.wait();
            while owner.load(SeqCst) != LOOP {
                // a worker's: nothing to do
                epoll.wait();
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            armed.store(1, SeqCst);
            // the kernel: one event, if ready
            if ready(&bytes, &armed) {
                epoll.wake();
            }
            // belongs above all this
            owner.store(LOOP, SeqCst);
            // ANCHOR_END: thread_2
        });
        threads.spawn(|| {
            // ANCHOR: thread_3
            // the next request
            bytes.store(1, SeqCst);
            // the kernel: one event, if armed
            if ready(&bytes, &armed) {
                epoll.wake();
            }
            // ANCHOR_END: thread_3
        });
    });
    "the next request is served".to_owned()
}

/// Whether there is an event; from now on it is not armed.
#[track_caller]
fn ready(bytes: &AtomicU32, armed: &AtomicU32) -> bool {
    bytes.load(SeqCst) == 1 && armed.swap(0, SeqCst) == 1
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
