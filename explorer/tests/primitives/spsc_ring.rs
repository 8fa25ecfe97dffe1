//! A ring between one producer and one consumer: `tail` counts what was pushed, `head` what
//! was popped, and each is written by one side only.
#![allow(unsafe_code, reason = "the slots of a ring are cells")]

use super::ground::atomic::{AtomicUsize, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::{hint, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Acquire: the consumer has read the slot that is used again. Pairs with
        /// `pop_head`.
        push_head: Acquire,
        /// Release: the slot is written. Pairs with `pop_tail`.
        push_tail: Release,
        /// Acquire: the slot is written. Pairs with `push_tail`.
        pop_tail: Acquire,
        /// Release: the slot is read. Pairs with `push_head`.
        pop_head: Release,
    }
    slips {
        /// Takes the ring for full one item too late.
        counts_one_too_many,
        /// Counts the item before its slot is written.
        publishes_early,
        /// Gives the slot back before it is read.
        frees_early,
        /// Does not look whether the ring is full.
        never_full,
        /// Does not look whether the ring is empty.
        never_empty,
        /// Writes every item to the first slot.
        forgets_the_index,
    }
}

const CAPACITY: usize = 2;

struct Ring {
    spec: Spec,
    head: AtomicUsize,
    tail: AtomicUsize,
    slots: [UnsafeCell<u32>; CAPACITY],
}

// SAFETY: a slot belongs to the producer from the moment when `head` has passed it to the
// moment when `tail` does, and to the consumer otherwise.
unsafe impl Sync for Ring {}

impl Ring {
    fn new(spec: Spec) -> Arc<Self> {
        Arc::new(Ring {
            spec,
            head: AtomicUsize::new(0),
            tail: AtomicUsize::new(0),
            slots: [UnsafeCell::new(0), UnsafeCell::new(0)],
        })
    }

    /// Called by the producer only. False if the ring is full.
    fn push(&self, item: u32) -> bool {
        let spec = &self.spec;
        let tail = self.tail.load(Relaxed);
        let head = self.head.load(spec.push_head);
        let capacity = CAPACITY + usize::from(spec.counts_one_too_many);
        if tail - head >= capacity && !spec.never_full {
            return false;
        }
        if spec.publishes_early {
            self.tail.store(tail + 1, spec.push_tail);
        }
        let index = if spec.forgets_the_index {
            0
        } else {
            tail % CAPACITY
        };
        // SAFETY: `head` has passed this slot, and `tail` has not.
        self.slots[index].with_mut(|slot| unsafe { *slot = item });
        if !spec.publishes_early {
            self.tail.store(tail + 1, spec.push_tail);
        }
        true
    }

    /// Called by the consumer only. Nothing if the ring is empty.
    fn pop(&self) -> Option<u32> {
        let spec = &self.spec;
        let head = self.head.load(Relaxed);
        let tail = self.tail.load(spec.pop_tail);
        if head == tail && !spec.never_empty {
            return None;
        }
        if spec.frees_early {
            self.head.store(head + 1, spec.pop_head);
        }
        // SAFETY: `tail` has passed this slot, and `head` has not.
        let item = self.slots[head % CAPACITY].with(|slot| unsafe { *slot });
        if !spec.frees_early {
            self.head.store(head + 1, spec.pop_head);
        }
        Some(item)
    }
}

/// Three items go through two slots, in order.
fn three_items(spec: Spec) {
    let ring = Ring::new(spec);
    let producer = thread::spawn({
        let ring = Arc::clone(&ring);
        move || {
            for item in 1..=3 {
                while !ring.push(item) {
                    hint::spin_loop();
                }
            }
        }
    });
    for expected in 1..=3 {
        let item = loop {
            match ring.pop() {
                Some(item) => break item,
                None => hint::spin_loop(),
            }
        };
        assert_eq!(item, expected);
    }
    producer.join().unwrap();
    assert_eq!(ring.pop(), None);
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "SPSC ring",
        RIGHT,
        &[("three items through two slots", three_items)],
        versions! {
            "push reads head Relaxed" { push_head: Relaxed } wrong [Race];
            "push stores tail Relaxed" { push_tail: Relaxed } wrong [Race];
            "pop reads tail Relaxed" { pop_tail: Relaxed } wrong [Race];
            "pop stores head Relaxed" { pop_head: Relaxed } wrong [Race];
            "full one item too late"
                { counts_one_too_many: true } wrong [Race, Assertion];
            "counts the item before it is there"
                { publishes_early: true } wrong [Race, Assertion];
            "frees the slot before it is read"
                { frees_early: true } wrong [Race, Assertion];
            "never full" { never_full: true } wrong [Race, Assertion];
            "never empty" { never_empty: true } wrong [Race, Assertion];
            "one slot for all" { forgets_the_index: true } wrong [Race, Assertion];
        },
    )
}
