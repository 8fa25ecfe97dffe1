//! Each slot says whether it is full; the counts are each side's own.

#![allow(
    unsafe_code,
    reason = "a slot is handed over from one thread to another"
)]

// --- edit from here ---

use super::ground::atomic::{
    AtomicBool, AtomicUsize,
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
    is_full: Box<[AtomicBool]>,
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
            is_full: (0..slots).map(|_| AtomicBool::new(false)).collect(),
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
        let index = self.index(tail);
        if self.is_full[index].load(Acquire) {
            return Err(value);
        }
        // SAFETY: the slot is empty, and stays the producer's until its flag is up.
        self.slots[index].with_mut(|slot| unsafe { *slot = Some(value) });
        self.is_full[index].store(true, Release);
        self.tail.store(tail.wrapping_add(1), Relaxed);
        Ok(())
    }

    /// Takes the oldest value out, or says `None` if there is none. Called by one thread.
    pub fn pop(&self) -> Option<T> {
        let head = self.head.load(Relaxed);
        let index = self.index(head);
        if !self.is_full[index].load(Acquire) {
            return None;
        }
        // SAFETY: the slot is full, and stays the consumer's until its flag is down.
        let value = self.slots[index].with_mut(|slot| unsafe { (*slot).take() });
        self.is_full[index].store(false, Release);
        self.head.store(head.wrapping_add(1), Relaxed);
        value
    }
}

// --- to here ---
