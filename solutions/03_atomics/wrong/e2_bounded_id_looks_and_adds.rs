//! the model must say: of the ids from 6 up to 7, 7 was given
//!
//! Looks whether one is left, and adds then.

// --- edit from here ---

use super::ground::atomic::{AtomicU32, Ordering::Relaxed};

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
        // ORDERING: Relaxed. Only the number itself matters.
        if self.next.load(Relaxed) >= self.end {
            return None;
        }
        // ORDERING: as above.
        Some(self.next.fetch_add(1, Relaxed))
    }
}

// --- to here ---
