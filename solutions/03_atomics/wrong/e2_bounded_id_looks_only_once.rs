//! the model must say: of the ids from 6 up to 7, 7 was given
//!
//! Looks at the end once, and not again at what the exchange found.

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
        let mut next = self.next.load(Relaxed);
        if next >= self.end {
            return None;
        }
        // ORDERING: as above.
        while let Err(newer) =
            self.next
                .compare_exchange_weak(next, next + 1, Relaxed, Relaxed)
        {
            next = newer;
        }
        Some(next)
    }
}

// --- to here ---
