//! Each of two threads raises its flag, and goes in if the other's is down.

use explorer::ground::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use explorer::ground::thread;

pub const TITLE: &str =
    "Each raises its flag, then looks at the other’s. Can both go in?";

// ANCHOR: model
pub fn model() -> String {
    let flag_1 = AtomicBool::new(false);
    let flag_2 = AtomicBool::new(false);
    let inside = AtomicU32::new(0);
    thread::scope(|threads| {
        let one = threads.spawn(|| {
            // ANCHOR: thread_1
            flag_1.store(true, Release);
            let mut met = 0;
            if !flag_2.load(Acquire) {
                met = inside.fetch_add(1, Relaxed);
                inside.fetch_sub(1, Relaxed);
            }
            flag_1.store(false, Release);
            met
            // ANCHOR_END: thread_1
        });
        let two = threads.spawn(|| {
            // ANCHOR: thread_2
            flag_2.store(true, Release);
            let mut met = 0;
            if !flag_1.load(Acquire) {
                met = inside.fetch_add(1, Relaxed);
                inside.fetch_sub(1, Relaxed);
            }
            flag_2.store(false, Release);
            met
            // ANCHOR_END: thread_2
        });
        match (one.join().unwrap(), two.join().unwrap()) {
            (0, 0) => "never were two inside".to_owned(),
            (0, _) => "thread 2 went in, and thread 1 was inside".to_owned(),
            (_, _) => "thread 1 went in, and thread 2 was inside".to_owned(),
        }
    })
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.ends_with("was inside")
}
