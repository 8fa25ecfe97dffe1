//! 08.4 (repair): two rings, and a kernel at the other end.
//!
//! A program writes entries into one ring, and the kernel takes them; the kernel writes
//! completions into another ring, and the program takes those. Nobody waits and nobody
//! locks: who may touch which slot is said by four counts, in
//! `exercises/08_completions/given/rings.rs`.
//!
//! Goal:
//!
//! - `push` prepares an entry, or returns false if there is no room: as many fit in as there
//!   are slots. `publish` hands over all that was prepared; before that the kernel sees
//!   nothing of it. `reap` takes the oldest completion.
//! - What was handed over is taken once, and in the same order.
//! - Nobody reads a slot that is being written, or writes one that is being read, on any
//!   processor.
//! - The counts may come to their end and begin at 0 again.
//!
//! The program's end below has passed all its tests, on x86. It has more than one fault.
//!
//! Edit between the markers only. About 10 lines change, 20 minutes.
//! Stuck? `cargo hint 08.4`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! DATA RACE: thread 1 reads entry 0 at rings.rs:97, main wrote it at
//! e4_ring_indices.rs:63, and nothing orders the two
//! ```

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
        let tail = shared.sq_tail.load(Relaxed);
        Self { shared, tail }
    }

    /// Prepares an entry; false if there is no room.
    pub fn push(&mut self, word: u32) -> bool {
        let head = self.shared.sq_head.load(Relaxed);
        if self.tail >= head + self.shared.slots() {
            return false;
        }
        let slot = self.tail & self.shared.mask();
        self.tail = self.tail.wrapping_add(1);
        self.shared.sq_tail.store(self.tail, Release);
        self.shared.write_entry(slot, word);
        true
    }

    /// Hands over what was prepared.
    pub fn publish(&mut self) {}

    /// Takes the oldest completion, if there is one.
    pub fn reap(&mut self) -> Option<u32> {
        let head = self.shared.cq_head.load(Relaxed);
        if self.shared.cq_tail.load(Acquire) == head {
            return None;
        }
        self.shared.cq_head.store(head.wrapping_add(1), Release);
        Some(self.shared.read_completion(head & self.shared.mask()))
    }
}

// --- to here ---
