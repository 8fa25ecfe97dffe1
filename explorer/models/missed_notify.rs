//! A condition variable that is a number which every notify changes; and a waiter that
//! reads that number once it has given back the mutex.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::sync::Mutex;
use explorer::ground::{futex, thread};

pub const TITLE: &str = "Thread 2 notifies. Can thread 1 sleep all the same?";

// ANCHOR: model
pub fn model() -> String {
    let ready = Mutex::new(false);
    let number = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            let mut it = ready.lock().unwrap();
            while !*it {
                drop(it); // wait, by hand
                let seen = number.load(SeqCst);
                futex::wait(&number, seen);
                it = ready.lock().unwrap();
            }
            drop(it);
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            let mut it = ready.lock().unwrap();
            *it = true;
            drop(it);
            number.fetch_add(1, SeqCst);
            futex::wake_all(&number);
            // ANCHOR_END: thread_2
        });
    });
    "thread 1 has seen that it is ready".to_owned()
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
