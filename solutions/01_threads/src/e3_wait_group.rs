//! 01.3 (implement): a wait group that also says how many of its members panicked.
//!
//! Goal: `add` makes a member; dropping it, in whatever way, is how it leaves.
//! `wait` blocks until all members have left, and returns how many of all that ever
//! left did so because their thread was panicking.
//!
//! - Any number of threads may wait at the same time; with no member, nobody waits.
//! - A member added while others wait is waited for as well. After a `wait` the
//!   group can be used again, and the count of panics goes on.
//! - A member may be dropped on any thread, and later than the group.
//! - Who waits, sleeps; it does not ask again and again.
//!
//! The book's wait group does not count panics; apart from that it may guide you.
//! The fields below are a suggestion: change them, and build on whatever
//! `super::ground` has.
//!
//! Edit between the markers only. About 20 lines, 15 minutes.
//! Stuck? `cargo hint 01.3`, three levels.
//!
//! A failing run prints, for instance:
//! ```text
//! wait returned when 1 of 3 members had left: it slept, was woken, and did not look
//! whether others are still there
//! ```

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
        // Rejected: `if`. A sleeper may wake for no reason, and a member may be
        // added between the last one's leaving and the waiter's getting the lock
        // back.
        while counts.members > 0 {
            counts = self.shared.all_left.wait(counts).unwrap();
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
        if counts.members == 0 {
            self.shared.all_left.notify_all();
        }
    }
}

// --- to here ---
