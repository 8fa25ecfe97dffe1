//! A read-write lock that lets readers in while there are readers, and a writer that waits.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::thread::{self, Thread};

pub const TITLE: &str =
    "Thread 1 writes as soon as nobody reads. How long can that take?";

// ANCHOR: model
/// `state` is the number of readers, and this much more while the writer waits.
const WAITS: u32 = 10;

// ANCHOR: shared
fn enter(state: &AtomicU32) -> u32 {
    let before = state.fetch_add(1, SeqCst);
    before / WAITS // 1: past the writer
}

fn leave(state: &AtomicU32, writer: &Thread) {
    if state.fetch_sub(1, SeqCst) == WAITS + 1 {
        writer.unpark(); // was the last
    }
}
// ANCHOR_END: shared

pub fn model() -> String {
    let state = &AtomicU32::new(1); // thread 2 reads
    let went_past = thread::scope(|threads| {
        let writer = threads.spawn(move || {
            // ANCHOR: thread_1
            state.fetch_add(WAITS, SeqCst);
            while !change(state, WAITS, 0) {
                thread::park();
            }
            // ANCHOR_END: thread_1
        });
        let writer = writer.thread().clone();
        let theirs = writer.clone();
        let one = threads.spawn(move || {
            // ANCHOR: thread_2
            leave(state, &writer);
            let past = enter(state);
            leave(state, &writer);
            past
            // ANCHOR_END: thread_2
        });
        let two = threads.spawn(move || {
            // ANCHOR: thread_3
            let past = enter(state);
            leave(state, &theirs);
            past
            // ANCHOR_END: thread_3
        });
        one.join().unwrap() + two.join().unwrap()
    });
    match went_past {
        0 => "nobody went past the waiting writer".to_owned(),
        1 => "one reader went past the waiting writer".to_owned(),
        _ => "every reader that came went past the waiting writer".to_owned(),
    }
}

/// Makes it `to` if it is `from`.
#[track_caller]
fn change(state: &AtomicU32, from: u32, to: u32) -> bool {
    state.compare_exchange(from, to, SeqCst, SeqCst).is_ok()
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.starts_with("every")
}
