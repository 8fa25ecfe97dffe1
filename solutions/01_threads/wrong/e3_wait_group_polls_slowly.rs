//! must say: should sleep until it is woken
//!
//! Looks twice a second, so that it needs nobody to wake it.

// --- edit from here ---

use std::time::Duration;

use super::ground::sync::{Arc, Condvar, Mutex};
use super::ground::thread;

/// Where the system does not tell who sleeps with a time limit, only a long one is
/// noticed.
const NAP: Duration = Duration::from_millis(if cfg!(target_os = "linux") {
    500
} else {
    3_600_000
});

/// What the group and its members share.
#[derive(Debug, Default)]
struct Shared {
    counts: Mutex<Counts>,
    /// Never notified: the waiters come by.
    all_left: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    members: usize,
    panicked: usize,
}

/// Waits until every [`Member`] has left.
#[derive(Debug, Default)]
pub struct WaitGroup {
    shared: Arc<Shared>,
}

/// One of those that a [`WaitGroup`] waits for. Leaves when dropped.
#[derive(Debug)]
pub struct Member {
    shared: Arc<Shared>,
}

impl WaitGroup {
    /// Makes a group without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes one more member.
    pub fn add(&self) -> Member {
        let shared = Arc::clone(&self.shared);
        shared.counts.lock().unwrap().members += 1;
        Member { shared }
    }

    /// Waits until all members have left; returns how many left by a panic, up to
    /// now.
    pub fn wait(&self) -> usize {
        let mut counts = self.shared.counts.lock().unwrap();
        while counts.members > 0 {
            let waited = self.shared.all_left.wait_timeout(counts, NAP);
            (counts, _) = waited.unwrap();
        }
        counts.panicked
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // A lock taken while a panic unwinds, and released, is not poisoned by it.
        let mut counts = self.shared.counts.lock().unwrap();
        counts.members -= 1;
        if thread::panicking() {
            counts.panicked += 1;
        }
    }
}

// --- to here ---
