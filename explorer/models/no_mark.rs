//! A lock whose word says whether it is taken, and not whether anybody sleeps.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::{futex, thread};

pub const TITLE: &str =
    "To unlock is one store, without a system call. Who wakes the sleeper?";

// ANCHOR: model
pub fn model() -> String {
    let state = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            while state.swap(1, SeqCst) == 1 {
                futex::wait(&state, 1);
            }
            state.store(0, SeqCst);
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            while state.swap(1, SeqCst) == 1 {
                futex::wait(&state, 1);
            }
            state.store(0, SeqCst);
            // ANCHOR_END: thread_2
        });
    });
    "both have had the lock".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
