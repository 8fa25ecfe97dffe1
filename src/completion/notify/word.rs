//! 64 bits, each of which says that somebody has called, and the rule by which of all who
//! call only one wakes the loop.
//!
//! - Who calls sets its bit. If the word was **empty** before, it wakes the loop.
//! - The loop takes the whole word, and leaves it empty.
//!
//! Whoever found it not empty came after one who wakes, and before the loop took the word:
//! so its bit is in what the loop takes. All changes are read-modify-writes of one word, so
//! there is one order in which they come, and each continues what the one before published.

use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

/// How many share a word.
pub(super) const BITS: u32 = u64::BITS;

/// Who has called, and who is gone.
pub(super) struct Word {
    called: AtomicU64,
    gone: AtomicU64,
}

impl Word {
    pub(super) fn new() -> Self {
        Self {
            called: AtomicU64::new(0).named("called"),
            gone: AtomicU64::new(0).named("gone"),
        }
    }

    // ANCHOR: put
    /// Caller: sets its bit. Whether the loop must be woken for it.
    #[inline]
    pub(super) fn put(&self, bit: u64) -> bool {
        // ORDERING: Release publishes what the caller did before; pairs with the Acquire
        // in `take`. It is done also if the bit is set: what was done since then counts.
        self.called.fetch_or(bit, Release) == 0
    }

    /// Loop: takes all bits.
    #[inline]
    pub(super) fn take(&self) -> u64 {
        // ORDERING: Relaxed. It spares the swap when there is nothing; the wake orders it
        // behind the `put` that found the word empty.
        if self.called.load(Relaxed) == 0 {
            return 0;
        }
        // ORDERING: Acquire pairs with the Release in `put`, of each whose bit this takes.
        self.called.swap(0, Acquire)
    }
    // ANCHOR_END: put

    /// The last of its clones is gone, and nobody calls by this bit any more.
    pub(super) fn leave(&self, bit: u64) {
        // ORDERING: Release pairs with the Acquire in `gone`: the last call is over.
        self.gone.fetch_or(bit, Release);
    }

    /// Loop: whose last clone is gone.
    pub(super) fn gone(&self) -> u64 {
        // ORDERING: Acquire pairs with the Release in `leave`.
        self.gone.load(Acquire)
    }

    /// Loop: gives a bit that is gone to somebody else, who was not called yet.
    pub(super) fn reuse(&self, bit: u64) {
        // ORDERING: Relaxed, both. The next to use the bit gets it from this thread.
        self.gone.fetch_and(!bit, Relaxed);
        // ORDERING: Relaxed. See above. What the one before it said is nobody's news.
        self.called.fetch_and(!bit, Relaxed);
    }
}

#[cfg(test)]
mod models;
