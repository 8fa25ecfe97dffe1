//! A worker that says that it sleeps, and sleeps, and doesn't look for a job in between.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::{futex, thread};

pub const TITLE: &str =
    "There is no job, so the worker goes to sleep. Who wakes it for the next one?";

// ANCHOR: model
const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;

pub fn model() -> String {
    let jobs = AtomicU32::new(0);
    let worker = AtomicU32::new(AWAKE);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            while jobs.load(SeqCst) == 0 {
                worker.store(ASLEEP, SeqCst);
                // here belongs a second look
                futex::wait(&worker, ASLEEP);
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            jobs.store(1, SeqCst);
            if worker.load(SeqCst) == ASLEEP {
                worker.store(AWAKE, SeqCst);
                futex::wake_one(&worker);
            }
            // ANCHOR_END: thread_2
        });
    });
    "the worker has found the job".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
