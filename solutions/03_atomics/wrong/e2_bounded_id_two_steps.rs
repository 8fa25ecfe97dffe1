//! the model must say: of the ids from 10 up to 20, 10 was given twice
//!
//! Loads, and stores the next one.

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
        let next = self.next.load(Relaxed);
        if next >= self.end {
            return None;
        }
        // ORDERING: as above.
        self.next.store(next + 1, Relaxed);
        Some(next)
    }
}

// --- to here ---
