//! A thread waits for a signal, and can get it before it has gone to sleep. Then the token of
//! the `unpark` is left over, and the next wait takes it for its own.

use explorer::ground::atomic::{AtomicU32, Ordering::SeqCst};
use explorer::ground::thread;

pub const TITLE: &str =
    "Notified once, then shut down. Can a wait return for neither?";

// ANCHOR: model
// ANCHOR: shared
const RUNNING: u32 = 0;
const WAITING: u32 = 1;
const NOTIFIED: u32 = 2;
const SHUTDOWN: u32 = 3;
// ANCHOR_END: shared

pub fn model() -> String {
    let state = AtomicU32::new(RUNNING);
    thread::scope(|threads| {
        let waiter = threads.spawn(|| {
            // ANCHOR: thread_1
            let wait = || {
                turn(&state, RUNNING, WAITING);
                if state.load(SeqCst) == WAITING {
                    thread::park();
                }
                turn(&state, NOTIFIED, RUNNING)
            };
            let mut why = wait();
            if why == NOTIFIED {
                why = wait();
            }
            why
            // ANCHOR_END: thread_1
        });
        let sleeper = waiter.thread().clone();
        let state = &state;
        threads.spawn(move || {
            // ANCHOR: thread_2
            let was = state.swap(NOTIFIED, SeqCst);
            if was == WAITING {
                sleeper.unpark();
            }
            let was = state.swap(SHUTDOWN, SeqCst);
            if was == WAITING {
                sleeper.unpark();
            }
            // ANCHOR_END: thread_2
        });
        let ending = match waiter.join().unwrap() {
            SHUTDOWN => "the last wait returned for the shutdown",
            _ => "the second wait returned, and nothing had happened",
        };
        ending.to_owned()
    })
}

/// Turns `from` into `to` if the state is `from`; returns the state before.
#[track_caller]
fn turn(state: &AtomicU32, from: u32, to: u32) -> u32 {
    let was = state.compare_exchange(from, to, SeqCst, SeqCst);
    was.unwrap_or_else(|was| was)
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.ends_with("nothing had happened")
}
