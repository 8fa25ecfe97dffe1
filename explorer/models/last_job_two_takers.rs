//! A deque whose owner takes from its end without an exchange, also when the job there is
//! the only one, and a thief takes it from the other end.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::thread;

pub const TITLE: &str = "One job, one owner, one thief. How many of them run it?";

// ANCHOR: model
pub fn model() -> String {
    // The jobs in the deque are those from `top` up to `bottom`: one.
    let top = AtomicU32::new(0);
    let bottom = AtomicU32::new(1);
    thread::scope(|threads| {
        let owner = threads.spawn(|| {
            // ANCHOR: thread_1
            let b = bottom.load(SeqCst) - 1;
            bottom.store(b, SeqCst);
            let t = top.load(SeqCst);
            let mine = t <= b;
            // if t == b: exchange `top` too
            // ANCHOR_END: thread_1
            mine
        });
        let thief = threads.spawn(|| {
            // ANCHOR: thread_2
            let t = top.load(SeqCst);
            let b = bottom.load(SeqCst);
            t < b && exchange(&top, t, t + 1)
            // ANCHOR_END: thread_2
        });
        match (owner.join().unwrap(), thief.join().unwrap()) {
            (true, true) => "owner and thief both run the job".to_owned(),
            (true, false) => "the owner runs the job".to_owned(),
            (false, true) => "the thief runs the job".to_owned(),
            (false, false) => "nobody runs the job".to_owned(),
        }
    })
}

#[track_caller]
fn exchange(word: &AtomicU32, old: u32, new: u32) -> bool {
    word.compare_exchange(old, new, SeqCst, SeqCst).is_ok()
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.contains("both") || ending.starts_with("nobody")
}
