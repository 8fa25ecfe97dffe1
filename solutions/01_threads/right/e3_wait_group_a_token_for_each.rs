//! Right: a notification at every leaving, and a list of members in place of a
//! number.

// --- edit from here ---

use super::ground::sync::{Arc, Condvar, Mutex, PoisonError};
use super::ground::thread;

/// What the group and its members share.
#[derive(Debug, Default)]
struct Shared {
    members: Mutex<Vec<(usize, Option<bool>)>>,
    changed: Condvar,
}

/// Waits until every [`Member`] has left.
#[derive(Debug, Default)]
pub struct WaitGroup {
    shared: Arc<Shared>,
}

/// One of those that a [`WaitGroup`] waits for. Leaves when dropped.
#[derive(Debug)]
pub struct Member {
    number: usize,
    shared: Arc<Shared>,
}

impl WaitGroup {
    /// Makes a group without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes one more member.
    pub fn add(&self) -> Member {
        let mut members = self
            .shared
            .members
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let number = members.len();
        members.push((number, None));
        Member {
            number,
            shared: Arc::clone(&self.shared),
        }
    }

    /// Waits until all members have left; returns how many left by a panic, up to
    /// now.
    pub fn wait(&self) -> usize {
        let members = self
            .shared
            .members
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let here = |(_, left): &(usize, Option<bool>)| left.is_none();
        let members = self
            .shared
            .changed
            .wait_while(members, |members| members.iter().rev().any(here))
            .unwrap_or_else(PoisonError::into_inner);
        members
            .iter()
            .filter(|(_, left)| *left == Some(true))
            .count()
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut members = self
            .shared
            .members
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        members[self.number].1 = Some(thread::panicking());
        drop(members);
        self.shared.changed.notify_all();
    }
}

// --- to here ---
