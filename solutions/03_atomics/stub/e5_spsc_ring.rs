//! 03.5 (implement): a ring for one who puts in and one who takes out.
//!
//! A producer and a consumer share a ring of slots. `tail` counts what was ever pushed,
//! `head` what was ever popped. What was pushed and not yet popped stands in the slots
//! between the two; value number n belongs in `slots[self.index(n)]`.
//!
//! Goal:
//!
//! - What was pushed is popped, once, and in the same order.
//! - As many values as there are slots fit in. `push` gives its value back if the ring is
//!   full, `pop` says `None` if it is empty; neither waits.
//! - Nobody reads a slot that is being written, or writes one that is being read.
//! - The counts may come to their end and begin at 0 again.
//!
//! `push` is only ever called by one thread, and `pop` by one thread. No locks.
//! `ground::cell::UnsafeCell` has no `get`; it lends a pointer to a closure, `with` to
//! read, `with_mut` to write. A report calls the first slot `slots`, and
//! the second `slots#2`.
//!
//! Edit between the markers only. About 16 lines, 15 minutes.
//! Stuck? `cargo hint 03.5`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! DATA RACE: main writes slots at e5_spsc_ring.rs:104, thread 1 wrote it at
//! e5_spsc_ring.rs:84, and nothing orders the two
//! ```

#![allow(
    unsafe_code,
    reason = "a slot is handed over from one thread to another"
)]

// --- edit from here ---

use super::ground::atomic::AtomicUsize;
use super::ground::cell::UnsafeCell;

/// A ring of slots.
#[derive(Debug)]
pub struct Ring<T> {
    slots: Box<[UnsafeCell<Option<T>>]>,
    /// How many values were popped. Written by the consumer.
    head: AtomicUsize,
    /// How many values were pushed. Written by the producer.
    tail: AtomicUsize,
}

// SAFETY: a value is handed from the producer to the consumer, which may be another
// thread. A slot belongs to the consumer as long as its number is between `head` and
// `tail`, and to the producer otherwise.
unsafe impl<T: Send> Sync for Ring<T> {}

impl<T> Ring<T> {
    /// A ring with `slots` slots, a power of two, whose counts begin at `start`.
    pub fn new(slots: usize, start: usize) -> Self {
        assert!(slots.is_power_of_two(), "{slots} is no power of two");
        Self {
            slots: (0..slots).map(|_| UnsafeCell::new(None)).collect(),
            head: AtomicUsize::new(start),
            tail: AtomicUsize::new(start),
        }
    }

    /// The slot of value number `count`. A power of two divides what a `usize` can hold,
    /// so that the slots go on in turn when a count begins at 0 again.
    fn index(&self, count: usize) -> usize {
        count % self.slots.len()
    }

    /// Puts `value` in, or gives it back if the ring is full. Called by one thread.
    pub fn push(&self, value: T) -> Result<(), T> {
        let _ = value;
        todo!(
            "give it back if {} slots are taken, or write slot {} and count on",
            self.slots.len(),
            self.index(0)
        )
    }

    /// Takes the oldest value out, or says `None` if there is none. Called by one thread.
    pub fn pop(&self) -> Option<T> {
        todo!(
            "take what is in slots[{}], if {:?} is ahead of {:?}",
            self.index(0),
            self.tail,
            self.head
        )
    }
}

// --- to here ---
