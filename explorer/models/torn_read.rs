//! A seqlock whose reader lacks its fence: it compares the two numbers, and they say nothing
//! about what it has read between them.

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use explorer::ground::thread;

pub const TITLE: &str =
    "The number was even, and the same again. Can the pair be torn?";

// ANCHOR: model
pub fn model() -> String {
    let number = AtomicU32::new(0);
    let x = AtomicU32::new(0);
    let y = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            number.store(1, Relaxed);
            fence(Release);
            x.store(7, Relaxed);
            y.store(7, Relaxed);
            number.store(2, Release);
            // ANCHOR_END: thread_1
        });
        let reader = threads.spawn(|| {
            // ANCHOR: thread_2
            let before = number.load(Acquire);
            let x = x.load(Relaxed);
            let y = y.load(Relaxed);
            // here belongs: fence(Acquire);
            let after = number.load(Relaxed);
            (before, x, y, after)
            // ANCHOR_END: thread_2
        });
        match reader.join().unwrap() {
            (before, x, y, after) if before == after && before % 2 == 0 => {
                let torn = if x == y { "whole" } else { "TORN" };
                format!("{before} before and after: takes ({x}, {y}), {torn}")
            }
            _ => "a write came between: reads again".to_owned(),
        }
    })
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.ends_with("TORN")
}
