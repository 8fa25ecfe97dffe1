//! A batch of two jobs that wakes one of two sleepers.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::{futex, thread};

pub const TITLE: &str =
    "Two jobs come at once, and one worker is woken. Who runs the second job?";

// ANCHOR: model
type Word = AtomicU32;

// ANCHOR: shared
fn work(jobs: &Word, begun: &Word) {
    let mut n = jobs.load(SeqCst);
    while n == 0 || !change(jobs, n, n - 1) {
        futex::wait(jobs, 0);
        n = jobs.load(SeqCst);
    }
    // the job: until both have begun
    begun.fetch_add(1, SeqCst);
    futex::wake_one(begun);
    while begun.load(SeqCst) == 1 {
        futex::wait(begun, 1);
    }
}
// ANCHOR_END: shared

pub fn model() -> String {
    let jobs = AtomicU32::new(0);
    let begun = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            work(&jobs, &begun);
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            work(&jobs, &begun);
            // ANCHOR_END: thread_2
        });
        threads.spawn(|| {
            // ANCHOR: thread_3
            jobs.store(2, SeqCst); // the batch
            futex::wake_one(&jobs);
            // ANCHOR_END: thread_3
        });
    });
    "both jobs have run".to_owned()
}

#[track_caller]
fn change(word: &Word, old: u32, new: u32) -> bool {
    word.compare_exchange(old, new, SeqCst, SeqCst).is_ok()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
