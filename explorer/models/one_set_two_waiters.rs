//! An event that lets one waiter through for each set: who goes through looks first, and
//! resets it then.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::{futex, thread};

pub const TITLE: &str =
    "The event is set once, and two wait for it. How many go through?";

// ANCHOR: model
// ANCHOR: shared
fn wait(is_set: &AtomicU32) {
    while is_set.load(SeqCst) == 0 {
        futex::wait(is_set, 0);
    }
    is_set.store(0, SeqCst);
}

fn set(is_set: &AtomicU32) {
    is_set.store(1, SeqCst);
    futex::wake_one(is_set);
}
// ANCHOR_END: shared

pub fn model() -> String {
    let event = AtomicU32::new(1); // set once, before they come
    let through = AtomicU32::new(0);
    let (one, two) = thread::scope(|threads| {
        let one = threads.spawn(|| {
            // ANCHOR: thread_1
            wait(&event);
            let n = through.fetch_add(1, SeqCst);
            through.fetch_sub(1, SeqCst);
            set(&event); // the next, please
            n
            // ANCHOR_END: thread_1
        });
        let two = threads.spawn(|| {
            // ANCHOR: thread_2
            wait(&event);
            let n = through.fetch_add(1, SeqCst);
            through.fetch_sub(1, SeqCst);
            set(&event); // the next, please
            n
            // ANCHOR_END: thread_2
        });
        (one.join().unwrap(), two.join().unwrap())
    });
    match one + two {
        0 => "one after the other".to_owned(),
        _ => "both went through, for one set".to_owned(),
    }
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.starts_with("both")
}
