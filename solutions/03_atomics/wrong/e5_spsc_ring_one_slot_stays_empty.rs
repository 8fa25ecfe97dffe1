//! must say: gave back value number
//!
//! The ring counts as full with one slot to spare.

#![allow(
    unsafe_code,
    reason = "a slot is handed over from one thread to another"
)]

// --- edit from here ---

use super::ground::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
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
        let tail = self.tail.load(Relaxed);
        let head = self.head.load(Acquire);
        if tail.wrapping_sub(head) == self.slots.len() - 1 {
            return Err(value);
        }
        // SAFETY: the slot is empty, and stays the producer's until `tail` says otherwise.
        self.slots[self.index(tail)].with_mut(|slot| unsafe { *slot = Some(value) });
        self.tail.store(tail.wrapping_add(1), Release);
        Ok(())
    }

    /// Takes the oldest value out, or says `None` if there is none. Called by one thread.
    pub fn pop(&self) -> Option<T> {
        let head = self.head.load(Relaxed);
        let tail = self.tail.load(Acquire);
        if head == tail {
            return None;
        }
        // SAFETY: the slot is full, and stays the consumer's until `head` says otherwise.
        let value =
            self.slots[self.index(head)].with_mut(|slot| unsafe { (*slot).take() });
        self.head.store(head.wrapping_add(1), Release);
        value
    }
}

// --- to here ---
