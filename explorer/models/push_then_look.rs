//! The worker looks a second time, and still misses the job: each side stores, and then
//! reads what the other one stores, with orderings that allow both to read the old value.

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Release},
};
use explorer::ground::{futex, thread};

pub const TITLE: &str =
    "Push, then look for a sleeper; announce, then look for a job. Can both miss?";

// ANCHOR: model
const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;

pub fn model() -> String {
    let jobs = AtomicU32::new(0);
    let worker = AtomicU32::new(AWAKE);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            worker.store(ASLEEP, Release);
            // the second look
            if jobs.load(Acquire) == 0 {
                futex::wait(&worker, ASLEEP);
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            jobs.store(1, Release);
            if worker.load(Acquire) == ASLEEP {
                worker.store(AWAKE, Release);
                futex::wake_one(&worker);
            }
            // ANCHOR_END: thread_2
        });
    });
    "the worker has not slept through the job".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
