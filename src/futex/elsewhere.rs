//! Without the system call of Linux: `atomic-wait` for waits without a limit, and one lock
//! with one condition variable for waits that have one.
//!
//! A wake-up goes to both. It wakes every wait with a limit, whatever its word: those look
//! again, and a wake-up for no reason is allowed. There are few such waits.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicU32, AtomicUsize, fence};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How many threads are in [`wait_timeout`], so that a wake-up costs nothing while there
/// are none.
static WAITING: AtomicUsize = AtomicUsize::new(0);
static TABLE: Mutex<()> = Mutex::new(());
static WOKEN: Condvar = Condvar::new();

pub(super) fn wait(word: &AtomicU32, expected: u32) {
    atomic_wait::wait(word, expected);
}

pub(super) fn wait_timeout(
    word: &AtomicU32,
    expected: u32,
    limit: Duration,
) -> bool {
    let table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    // ORDERING: SeqCst. Pairs with the fence in `wake_limited`: either this thread sees the new
    // value of the word, or the waker sees that this thread is counted.
    WAITING.fetch_add(1, SeqCst);
    // ORDERING: SeqCst. Pairs with the fence in `wake_limited`.
    fence(SeqCst);
    // ORDERING: Relaxed. As the kernel's own look: it orders nothing.
    let in_time = if word.load(Relaxed) == expected {
        // The waker takes the lock before it notifies, so it cannot get in between the
        // look and the sleep.
        let slept = WOKEN.wait_timeout(table, limit);
        !slept.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    } else {
        true
    };
    // ORDERING: Relaxed. If it is seen late, somebody is notified in vain.
    WAITING.fetch_sub(1, Relaxed);
    in_time
}

pub(super) fn wake_one(word: &AtomicU32) {
    wake_limited();
    atomic_wait::wake_one(word);
}

pub(super) fn wake_all(word: &AtomicU32) {
    wake_limited();
    atomic_wait::wake_all(word);
}

fn wake_limited() {
    // ORDERING: SeqCst. Pairs with the fence in `wait_timeout`. The caller has changed the word before.
    fence(SeqCst);
    // ORDERING: Relaxed. The fence has ordered it.
    if WAITING.load(Relaxed) > 0 {
        drop(TABLE.lock().unwrap_or_else(PoisonError::into_inner));
        WOKEN.notify_all();
    }
}
