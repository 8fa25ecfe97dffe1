//! A pool of two threads. Each of two jobs gives the pool a part of its work, and waits
//! until that part is done.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::{futex, thread};

pub const TITLE: &str =
    "Two threads, two jobs, each waits for a part of it. Who runs the parts?";

// ANCHOR: model
// ANCHOR: shared
struct Pool {
    jobs: AtomicU32,
    parts: AtomicU32,
    done: AtomicU32,
}

fn work(pool: &Pool) {
    loop {
        if take(&pool.parts) {
            return give(&pool.done);
        }
        if take(&pool.jobs) {
            let n = pool.done.load(SeqCst);
            give(&pool.parts);
            while pool.done.load(SeqCst) == n {
                futex::wait(&pool.done, n);
            }
            return;
        }
        futex::wait(&pool.parts, 0);
    }
}
// ANCHOR_END: shared

pub fn model() -> String {
    let jobs = AtomicU32::new(2);
    let parts = AtomicU32::new(0);
    let done = AtomicU32::new(0);
    let pool = Pool { jobs, parts, done };
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            work(&pool);
            work(&pool);
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            work(&pool);
            work(&pool);
            // ANCHOR_END: thread_2
        });
    });
    "both jobs and both parts are done".to_owned()
}

/// One less, if there is one.
#[track_caller]
fn take(n: &AtomicU32) -> bool {
    n.fetch_update(SeqCst, SeqCst, |n| n.checked_sub(1)).is_ok()
}

#[track_caller]
fn give(n: &AtomicU32) {
    n.fetch_add(1, SeqCst);
    futex::wake_one(n);
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
