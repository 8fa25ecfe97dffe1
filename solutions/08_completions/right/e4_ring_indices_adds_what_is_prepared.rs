//! Counts what is prepared, and adds it when it is handed over.

#[path = "../../../exercises/08_completions/given/rings.rs"]
pub mod given;

use super::ground::sync::Arc;
pub use given::Shared;

// --- edit from here ---

use super::ground::atomic::Ordering::{Acquire, Relaxed, Release};

#[derive(Debug)]
pub struct Rings {
    shared: Arc<Shared>,
    prepared: u32,
}

impl Rings {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            prepared: 0,
        }
    }

    pub fn push(&mut self, word: u32) -> bool {
        let head = self.shared.sq_head.load(Acquire);
        let tail = self
            .shared
            .sq_tail
            .load(Relaxed)
            .wrapping_add(self.prepared);
        if tail.wrapping_sub(head) == self.shared.slots() {
            return false;
        }
        let slot = tail & self.shared.mask();
        self.shared.write_entry(slot, word);
        self.prepared += 1;
        true
    }

    pub fn publish(&mut self) {
        self.shared.sq_tail.fetch_add(self.prepared, Release);
        self.prepared = 0;
    }

    pub fn reap(&mut self) -> Option<u32> {
        let head = self.shared.cq_head.load(Relaxed);
        if self.shared.cq_tail.load(Acquire) == head {
            return None;
        }
        let word = self.shared.read_completion(head & self.shared.mask());
        self.shared.cq_head.store(head.wrapping_add(1), Release);
        Some(word)
    }
}

// --- to here ---
