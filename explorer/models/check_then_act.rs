//! Two threads withdraw from one account: each looks under the lock, lets go of it, and acts
//! under the lock again.

use explorer::ground::sync::Mutex;
use explorer::ground::thread;

pub const TITLE: &str =
    "Each access is locked. Can both take 70 out of an account with 100?";

// ANCHOR: model
pub fn model() -> String {
    let account = Mutex::new(100);
    thread::scope(|threads| {
        threads.spawn(|| {
            // ANCHOR: thread_1
            let seen = *account.lock().unwrap();
            if seen >= 70 {
                *account.lock().unwrap() -= 70;
            }
            // ANCHOR_END: thread_1
        });
        threads.spawn(|| {
            // ANCHOR: thread_2
            let seen = *account.lock().unwrap();
            if seen >= 70 {
                *account.lock().unwrap() -= 70;
            }
            // ANCHOR_END: thread_2
        });
    });
    match account.into_inner().unwrap() {
        30 => "one got 70, the other nothing; 30 are left".to_owned(),
        left => format!("both saw 100, both took 70: the account has {left}"),
    }
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.starts_with("both")
}
