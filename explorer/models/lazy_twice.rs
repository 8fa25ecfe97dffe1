//! Two threads need a key that is made when it is first needed: look, make one, store it.

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use explorer::ground::thread;

pub const TITLE: &str =
    "The key is made when it is first needed. Does it stay the same?";

// ANCHOR: model
pub fn model() -> String {
    let key = AtomicU32::new(0); // 0: there is none yet
    let fresh = AtomicU32::new(1); // the next one
    thread::scope(|threads| {
        let one = threads.spawn(|| {
            // ANCHOR: thread_1
            let mut lock = key.load(Acquire);
            if lock == 0 {
                lock = fresh.fetch_add(1, Relaxed);
                key.store(lock, Release);
            }
            // and later, to unlock:
            (lock, key.load(Acquire))
            // ANCHOR_END: thread_1
        });
        let two = threads.spawn(|| {
            // ANCHOR: thread_2
            let mut lock = key.load(Acquire);
            if lock == 0 {
                lock = fresh.fetch_add(1, Relaxed);
                key.store(lock, Release);
            }
            // and later, to unlock:
            (lock, key.load(Acquire))
            // ANCHOR_END: thread_2
        });
        let seen = [one.join().unwrap(), two.join().unwrap()];
        for (thread, (lock, unlock)) in (1..).zip(seen) {
            if lock != unlock {
                return format!(
                    "thread {thread} locks with key {lock}, \
                     and has key {unlock} to unlock"
                );
            }
        }
        "each thread unlocks with the key that it locked with".to_owned()
    })
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.starts_with("thread")
}
