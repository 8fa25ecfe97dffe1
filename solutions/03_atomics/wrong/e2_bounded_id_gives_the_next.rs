//! the model must say: of the ids from 10 up to 20, 11 was given
//!
//! Gives what it has stored, and not what was there.

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
        // Rejected: `fetch_add`, and a look at what came out. It also counts those who
        // are refused, and the number comes round to 0: after one of them, if `end` is
        // the largest that there is.
        //
        // ORDERING: Relaxed, here and below. All draws work on the same number, and that
        // each is given once needs no more. An id hands over nothing but itself.
        let mut next = self.next.load(Relaxed);
        // Looks at each value that it has not looked at yet, and takes it only if it is
        // still the newest.
        while next < self.end {
            // ORDERING: Relaxed, as above. Weak, for we are in a loop anyway.
            match self
                .next
                .compare_exchange_weak(next, next + 1, Relaxed, Relaxed)
            {
                Ok(id) => return Some(id + 1),
                Err(newer) => next = newer,
            }
        }
        None
    }
}

// --- to here ---
