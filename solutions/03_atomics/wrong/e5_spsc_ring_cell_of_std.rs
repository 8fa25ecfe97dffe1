//! must say: uses std::cell, which graders can't follow: use super::ground::cell
//!
//! All relaxed, around cells that no model checker looks into.

#![allow(
    unsafe_code,
    reason = "a slot is handed over from one thread to another"
)]

// --- edit from here ---

use std::cell;

use super::ground::atomic::{AtomicUsize, Ordering::Relaxed};

/// A ring of slots.
#[derive(Debug)]
pub struct Ring<T> {
    slots: Box<[cell::UnsafeCell<Option<T>>]>,
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
            slots: (0..slots).map(|_| cell::UnsafeCell::new(None)).collect(),
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
        // ORDERING: Relaxed. Only this thread stores to it.
        let tail = self.tail.load(Relaxed);
        // ORDERING: Relaxed. Wrong: nothing is taken up.
        let head = self.head.load(Relaxed);
        if tail.wrapping_sub(head) == self.slots.len() {
            return Err(value);
        }
        // SAFETY: the slot is empty, and stays the producer's until `tail` says otherwise.
        unsafe { *self.slots[self.index(tail)].get() = Some(value) };
        // ORDERING: Relaxed. Wrong: nothing is published.
        //
        // Rejected: to keep one slot free, so that full and empty look different. Counts
        // that go on beyond the number of slots tell them apart anyway.
        self.tail.store(tail.wrapping_add(1), Relaxed);
        Ok(())
    }

    /// Takes the oldest value out, or says `None` if there is none. Called by one thread.
    pub fn pop(&self) -> Option<T> {
        // ORDERING: Relaxed. Only this thread stores to it.
        let head = self.head.load(Relaxed);
        // ORDERING: Relaxed. Wrong: nothing is taken up.
        let tail = self.tail.load(Relaxed);
        if head == tail {
            return None;
        }
        // SAFETY: the slot is full, and stays the consumer's until `head` says otherwise.
        let value = unsafe { (*self.slots[self.index(head)].get()).take() };
        // ORDERING: Relaxed. Wrong: nothing is published.
        self.head.store(head.wrapping_add(1), Relaxed);
        value
    }
}

// --- to here ---
