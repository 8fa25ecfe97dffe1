//! the model must say: LOST WAKE-UP: main sleeps at e3_wait_group_wakes_before_it_leaves.rs
//!
//! Wakes first and leaves then: who looks in between sleeps on, and is not woken again.

// --- edit from here ---

use super::ground::sync::{Arc, Condvar, Mutex};
use super::ground::thread;

/// What the group and its members share.
#[derive(Debug, Default)]
struct Shared {
    counts: Mutex<Counts>,
    /// Notified, all of it, when the last member leaves.
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
            counts = self.shared.all_left.wait(counts).unwrap();
        }
        counts.panicked
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if self.shared.counts.lock().unwrap().members == 1 {
            self.shared.all_left.notify_all();
        }
        let mut counts = self.shared.counts.lock().unwrap();
        counts.members -= 1;
        if thread::panicking() {
            counts.panicked += 1;
        }
    }
}

// --- to here ---
