//! the model must say: wait returned when 0 of 1 members had done their work and left
//!
//! A count beside the lock tells, without waiting for it, that all have left - but Relaxed
//! tells nothing of what they did before.

// --- edit from here ---

use super::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use super::ground::sync::{Arc, Condvar, Mutex};
use super::ground::thread;

/// What the group and its members share.
#[derive(Debug, Default)]
struct Shared {
    counts: Mutex<Counts>,
    /// As in `counts`, to be read without the lock.
    members: AtomicUsize,
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
        shared.members.fetch_add(1, Relaxed);
        Member { shared }
    }

    /// Waits until all members have left; returns how many left by a panic, up to
    /// now.
    pub fn wait(&self) -> usize {
        if self.shared.members.load(Relaxed) == 0 {
            return 0;
        }
        let mut counts = self.shared.counts.lock().unwrap();
        while counts.members > 0 {
            counts = self.shared.all_left.wait(counts).unwrap();
        }
        counts.panicked
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut counts = self.shared.counts.lock().unwrap();
        counts.members -= 1;
        self.shared.members.fetch_sub(1, Relaxed);
        if thread::panicking() {
            counts.panicked += 1;
        }
        if counts.members == 0 {
            self.shared.all_left.notify_all();
        }
    }
}

// --- to here ---
