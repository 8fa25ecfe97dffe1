//! Right: two atomic counts, and a list of the threads that wait, each unparked by
//! name.

// --- edit from here ---

use super::ground::atomic::{AtomicUsize, Ordering::SeqCst};
use super::ground::sync::{Arc, Mutex};
use super::ground::thread::{self, Thread};

/// What the group and its members share.
#[derive(Debug, Default)]
struct Shared {
    members: AtomicUsize,
    panicked: AtomicUsize,
    waiting: Mutex<Vec<Thread>>,
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
        // ORDERING: SeqCst. One order with the look at `members` in `wait`.
        self.shared.members.fetch_add(1, SeqCst);
        Member {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Waits until all members have left; returns how many left by a panic, up to
    /// now.
    pub fn wait(&self) -> usize {
        loop {
            // On the list before the look: whoever leaves after it finds this thread
            // here.
            self.shared.waiting.lock().unwrap().push(thread::current());
            // ORDERING: SeqCst. Sees all that `drop` of a `Member` did before it
            // left.
            if self.shared.members.load(SeqCst) == 0 {
                // ORDERING: SeqCst, as above: written by `drop` before `members`.
                return self.shared.panicked.load(SeqCst);
            }
            thread::park();
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if thread::panicking() {
            // ORDERING: SeqCst. Before the member leaves, so that `wait` counts it.
            self.shared.panicked.fetch_add(1, SeqCst);
        }
        // ORDERING: SeqCst. After this the look in `wait` says 0.
        if self.shared.members.fetch_sub(1, SeqCst) == 1 {
            for waiting in self.shared.waiting.lock().unwrap().drain(..) {
                waiting.unpark();
            }
        }
    }
}

// --- to here ---
