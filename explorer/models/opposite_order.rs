//! Two transfers between the same two accounts, in opposite directions.

use explorer::ground::sync::Mutex;
use explorer::ground::thread;

pub const TITLE: &str =
    "Two transfers at the same time. How can both wait for ever?";

// ANCHOR: model
// ANCHOR: shared
fn pay(from: &Account, to: &Account) {
    let mut from = from.lock().unwrap();
    let mut to = to.lock().unwrap();
    *from -= 10;
    *to += 10;
}
// ANCHOR_END: shared

type Account = Mutex<i32>;

pub fn model() -> String {
    let ada = Mutex::new(100);
    let bob = Mutex::new(100);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            pay(&ada, &bob);
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            pay(&bob, &ada);
            // ANCHOR_END: thread_2
        });
    });
    let (ada, bob) = (ada.into_inner().unwrap(), bob.into_inner().unwrap());
    format!("both are done: Ada has {ada}, Bob has {bob}")
}
// ANCHOR_END: model

pub fn is_bad(_: &str) -> bool {
    false
}
