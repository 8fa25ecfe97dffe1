//! the model must say: the ring is full, publish() was not called, and the kernel has taken an entry
//!
//! There is no room, so it hands over what there is.

#[path = "../../../exercises/08_completions/given/rings.rs"]
pub mod given;

use super::ground::sync::Arc;
pub use given::Shared;

// --- edit from here ---

use super::ground::atomic::Ordering::{Acquire, Relaxed, Release};

/// The program's end of the two rings.
#[derive(Debug)]
pub struct Rings {
    shared: Arc<Shared>,
    /// How many entries were prepared. Those from `sq_tail` on are not handed over.
    tail: u32,
}

impl Rings {
    /// Nothing is prepared. The counts may begin anywhere.
    pub fn new(shared: Arc<Shared>) -> Self {
        // ORDERING: Relaxed. Nobody but the program writes it.
        let tail = shared.sq_tail.load(Relaxed);
        Self { shared, tail }
    }

    /// Prepares an entry; false if there is no room.
    //
    // Rejected: `tail < head + slots`. It is right until a count has come to its end. The
    // difference of two counts is always right, since there are never more than `slots`
    // between them.
    pub fn push(&mut self, word: u32) -> bool {
        // ORDERING: Acquire: the kernel has read the slot before this writes over it; pairs
        // with the Release store of `sq_head` in `kernel`.
        let head = self.shared.sq_head.load(Acquire);
        if self.tail.wrapping_sub(head) == self.shared.slots() {
            self.publish();
            return false;
        }
        let slot = self.tail & self.shared.mask();
        self.shared.write_entry(slot, word);
        self.tail = self.tail.wrapping_add(1);
        true
    }

    /// Hands over what was prepared.
    pub fn publish(&mut self) {
        // ORDERING: Release publishes the entries; pairs with the Acquire load in `kernel`.
        self.shared.sq_tail.store(self.tail, Release);
    }

    /// Takes the oldest completion, if there is one.
    pub fn reap(&mut self) -> Option<u32> {
        // ORDERING: Relaxed. Nobody but the program writes it.
        let head = self.shared.cq_head.load(Relaxed);
        // ORDERING: Acquire takes the completion up; pairs with the Release store of
        // `cq_tail` in `kernel`.
        if self.shared.cq_tail.load(Acquire) == head {
            return None;
        }
        let word = self.shared.read_completion(head & self.shared.mask());
        // ORDERING: Release: the slot is the kernel's only when it was read; pairs with the
        // Acquire load of `cq_head` in `kernel`.
        self.shared.cq_head.store(head.wrapping_add(1), Release);
        Some(word)
    }
}

// --- to here ---
