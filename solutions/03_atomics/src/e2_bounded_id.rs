//! 03.2 (implement): ids that never come twice, and come to an end.
//!
//! Threads draw ids. There are those from `first` up to `end`, which itself is none.
//!
//! Goal:
//!
//! - No id is given twice, and none that is not between `first` and `end`, whoever else
//!   draws at the same moment.
//! - Nobody is refused as long as an id is left.
//! - When all are given, everybody is refused, and for ever. `end` may be `u32::MAX`,
//!   and whoever is refused may come again as often as they like.
//!
//! To look and to take is one step, or somebody comes in between. The fields below are a
//! suggestion.
//!
//! Edit between the markers only. About 8 lines, 10 minutes.
//! Stuck? `cargo hint 03.2`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! of the ids from u32::MAX - 1 up to u32::MAX, 0 was given
//! ```

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
                Ok(id) => return Some(id),
                Err(newer) => next = newer,
            }
        }
        None
    }
}

// --- to here ---
