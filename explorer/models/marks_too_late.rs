//! A lock whose word says that somebody sleeps, until one of two sleepers has taken it.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::{futex, thread};

pub const TITLE: &str =
    "Thread 1 has the lock, two more want it. Is the second sleeper woken?";

// ANCHOR: model
// ANCHOR: shared
fn lock(state: &AtomicU32) {
    while !change(state, 0, 1) {
        change(state, 1, 2); // leaves a mark
        futex::wait(state, 2);
    }
}

fn unlock(state: &AtomicU32) {
    if state.swap(0, SeqCst) == 2 {
        // there was a mark
        futex::wake_one(state);
    }
}
// ANCHOR_END: shared

pub fn model() -> String {
    let state = AtomicU32::new(1); // thread 1 has the lock
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            unlock(&state);
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            lock(&state);
            unlock(&state);
            // ANCHOR_END: thread_2
        });
        threads.spawn(|| {
            // ANCHOR: thread_3
            lock(&state);
            unlock(&state);
            // ANCHOR_END: thread_3
        });
    });
    "all three have had the lock".to_owned()
}

/// Makes it `to` if it is `from`.
#[track_caller]
fn change(state: &AtomicU32, from: u32, to: u32) -> bool {
    state.compare_exchange(from, to, SeqCst, SeqCst).is_ok()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
