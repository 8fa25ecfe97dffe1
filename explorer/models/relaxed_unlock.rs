//! Two threads add one under a spin lock that is unlocked with a relaxed store.

use explorer::ground::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Relaxed},
};
use explorer::ground::{hint, thread};

pub const TITLE: &str =
    "Only one at a time is inside. Can an update still get lost?";

// ANCHOR: model
pub fn model() -> String {
    let locked = AtomicBool::new(false);
    let count = AtomicU32::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            while locked.swap(true, Acquire) {
                hint::spin_loop();
            }
            let seen = count.load(Relaxed);
            count.store(seen + 1, Relaxed);
            locked.store(false, Relaxed);
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            while locked.swap(true, Acquire) {
                hint::spin_loop();
            }
            let seen = count.load(Relaxed);
            count.store(seen + 1, Relaxed);
            locked.store(false, Relaxed);
            // ANCHOR_END: thread_2
        });
    });
    match count.into_inner() {
        2 => "count = 2".to_owned(),
        count => format!("count = {count}: the second inside saw an old count"),
    }
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending != "count = 2"
}
