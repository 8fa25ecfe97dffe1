//! Right: stronger than need be, and with a pause after a failure.

// --- edit from here ---

use super::ground::atomic::{AtomicU32, Ordering::SeqCst};
use super::ground::hint;

/// Gives out ids.
#[derive(Debug)]
pub struct Ids {
    /// The id that is given next.
    next: AtomicU32,
    end: u32,
}

impl Ids {
    /// The ids from `first` up to `end`, which itself is none.
    pub fn new(first: u32, end: u32) -> Self {
        Self {
            next: AtomicU32::new(first),
            end,
        }
    }

    /// An id that nobody else has, or `None` if all are given.
    pub fn draw(&self) -> Option<u32> {
        loop {
            // ORDERING: SeqCst, both. Only the number itself matters.
            let next = self.next.load(SeqCst);
            if next >= self.end {
                return None;
            }
            // ORDERING: as above.
            if self
                .next
                .compare_exchange(next, next + 1, SeqCst, SeqCst)
                .is_ok()
            {
                return Some(next);
            }
            hint::spin_loop();
        }
    }
}

// --- to here ---
