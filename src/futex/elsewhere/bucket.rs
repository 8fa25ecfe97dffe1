//! Waits with a limit, of a lock and a condition variable: for all words that share it.

use std::sync::PoisonError;

use crate::ground::atomic::{
    AtomicUsize,
    Ordering::{Relaxed, SeqCst},
    fence,
};
use crate::ground::on_std::sync::{Condvar, Mutex};
use crate::ground::time::Duration;

// ANCHOR: table
/// A list of sleepers without the list: who is woken looks for itself.
#[derive(Debug)]
pub(super) struct Bucket {
    /// How many wait, or are about to, so that a wake-up is a look while there are none.
    waiting: AtomicUsize,
    lock: Mutex<()>,
    woken: Condvar,
}

impl Bucket {
    pub(super) fn new() -> Self {
        Self {
            waiting: AtomicUsize::new(0),
            lock: Mutex::new(()),
            woken: Condvar::new(),
        }
    }

    /// Sleeps for at most `limit`, unless `is_other` says that the word has another value.
    /// `false` if the time was up.
    pub(super) fn wait_timeout(
        &self,
        is_other: impl FnOnce() -> bool,
        limit: Duration,
    ) -> bool {
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        // ORDERING: Relaxed. The fence below orders it before the look; the waker in `wake`
        // sees it, or has changed the word before this thread looks.
        self.waiting.fetch_add(1, Relaxed);
        // ORDERING: SeqCst. Pairs with the fence in `wake`. Forbidden: this thread sees the
        // old word, and the waker, who has changed it, sees nobody waiting.
        fence(SeqCst);
        let in_time = is_other() || {
            // The waker takes the lock before it notifies, so it cannot get in between the
            // look and the sleep.
            let slept = self.woken.wait_timeout(lock, limit);
            !slept.unwrap_or_else(PoisonError::into_inner).1.timed_out()
        };
        // ORDERING: Relaxed. If `wake` sees it late, it notifies in vain.
        self.waiting.fetch_sub(1, Relaxed);
        in_time
    }

    /// Wakes all who wait. The caller has changed the word.
    pub(super) fn wake(&self) {
        // ORDERING: SeqCst. Pairs with the fence in `wait_timeout`, which says what for.
        fence(SeqCst);
        // ORDERING: Relaxed. The fence has ordered it after the caller's change.
        if self.waiting.load(Relaxed) > 0 {
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.woken.notify_all();
        }
    }
}
// ANCHOR_END: table
