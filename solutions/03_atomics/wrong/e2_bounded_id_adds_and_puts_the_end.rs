//! the model must say: of the ids from u32::MAX - 1 up to u32::MAX, 0 was given
//!
//! Puts the end back; but who comes in between sees what was there.

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
        let id = self.next.fetch_add(1, Relaxed);
        if id >= self.end {
            // ORDERING: as above.
            self.next.store(self.end, Relaxed);
            return None;
        }
        Some(id)
    }
}

// --- to here ---
