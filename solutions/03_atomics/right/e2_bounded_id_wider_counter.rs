//! Right: counts in 64 bits, and those who are refused as well. It would come round after 500 years of a billion draws a second; say so where you do this.

// --- edit from here ---

use super::ground::atomic::{AtomicU64, Ordering::Relaxed};

/// Gives out ids.
#[derive(Debug)]
pub struct Ids {
    /// The id that is given next.
    next: AtomicU64,
    end: u32,
}

impl Ids {
    /// The ids from `first` up to `end`, which itself is none.
    pub fn new(first: u32, end: u32) -> Self {
        Self {
            next: AtomicU64::new(first.into()),
            end,
        }
    }

    /// An id that nobody else has, or `None` if all are given.
    pub fn draw(&self) -> Option<u32> {
        // ORDERING: Relaxed. An id hands over nothing but itself.
        let id = self.next.fetch_add(1, Relaxed);
        (id < self.end.into()).then_some(id as u32)
    }
}

// --- to here ---
