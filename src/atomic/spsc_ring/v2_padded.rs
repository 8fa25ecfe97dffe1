//! Two indices, each on a cache line of its own.
//!
//! A side still looks at the other's index with every call, and so fetches a line that the
//! other is writing.
#![allow(unsafe_code, reason = "the slots of a ring are cells")]

use std::fmt;
use std::mem::MaybeUninit;

use super::super::Full;
use crate::ground::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crossbeam_utils::CachePadded;

/// What both sides share.
struct Ring<T> {
    /// How many items were popped. Written by the consumer only.
    head: CachePadded<AtomicU64>,
    /// How many items were pushed. Written by the producer only.
    tail: CachePadded<AtomicU64>,
    /// One of the sides is gone.
    abandoned: AtomicBool,
    /// INVARIANT: slot `count % len` holds an item for each count from `head` to `tail`;
    /// those are the consumer's, the others the producer's.
    slots: Box<[UnsafeCell<MaybeUninit<T>>]>,
}

// SAFETY: a slot is reached by one side at a time (the invariant of `slots`), which moves
// items from thread to thread: `T: Send`.
unsafe impl<T: Send> Sync for Ring<T> {}

impl<T> Ring<T> {
    /// The slot for the item with this count. The counts have 64 bits on every machine: at a
    /// thousand million items a second they last for five hundred years.
    fn slot(&self, count: u64) -> &UnsafeCell<MaybeUninit<T>> {
        &self.slots[(count % self.slots.len() as u64) as usize]
    }
}

/// Makes a ring with room for `capacity` items, and returns its two ends.
///
/// ```
/// use threadbare::atomic::spsc_ring::v2_padded::channel;
///
/// let (mut producer, mut consumer) = channel(2);
/// producer.push('a').unwrap();
/// producer.push('b').unwrap();
/// assert!(producer.push('c').is_err(), "full");
/// assert_eq!(consumer.pop(), Some('a'));
/// assert_eq!(consumer.pop(), Some('b'));
/// assert_eq!(consumer.pop(), None);
/// ```
///
/// # Panics
/// If `capacity` is 0.
/// # Cost
/// Two allocations, here and never again.
pub fn channel<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    assert!(capacity > 0, "a ring without room lets nothing through");
    let slots = (0..capacity).map(|_| UnsafeCell::new(MaybeUninit::uninit()));
    let ring = Arc::new(Ring {
        head: CachePadded::new(AtomicU64::new(0)),
        tail: CachePadded::new(AtomicU64::new(0)),
        abandoned: AtomicBool::new(false),
        slots: slots.collect(),
    });
    let producer = Producer {
        ring: Arc::clone(&ring),
    };
    (producer, Consumer { ring })
}

/// The end that pushes.
pub struct Producer<T> {
    ring: Arc<Ring<T>>,
}

/// The end that pops.
pub struct Consumer<T> {
    ring: Arc<Ring<T>>,
}

impl<T> Producer<T> {
    /// Appends an item.
    ///
    /// # Errors
    /// [`Full`] with the item, if there is no room.
    /// # Memory ordering
    /// Everything before this call happens-before the return of the
    /// [`pop`](Consumer::pop) that takes the item.
    /// # Cost
    /// Two loads and a store; no allocation.
    pub fn push(&mut self, item: T) -> Result<(), Full<T>> {
        let ring = &*self.ring;
        // ORDERING: Relaxed. Nobody else writes it.
        let tail = ring.tail.load(Relaxed);
        // ORDERING: Acquire. The consumer is done with the slots before it; pairs with the
        // Release store in `pop`.
        let head = ring.head.load(Acquire);
        if tail - head == ring.slots.len() as u64 {
            return Err(Full(item));
        }
        let slot = ring.slot(tail);
        // SAFETY: `head` has passed this slot and `tail` has not: it is the producer's, and
        // there is one producer, borrowed exclusively.
        slot.with_mut(|slot| unsafe { (*slot).write(item) });
        // ORDERING: Release. The slot is written; pairs with the Acquire load in `pop`.
        ring.tail.store(tail + 1, Release);
        Ok(())
    }

    /// Whether the consumer is gone: nobody will pop what is pushed.
    ///
    /// # Memory ordering
    /// If so, everything before the consumer was dropped happens-before this call's return.
    pub fn is_abandoned(&self) -> bool {
        // ORDERING: Acquire pairs with the Release store in `drop`.
        self.ring.abandoned.load(Acquire)
    }
}

impl<T> Consumer<T> {
    /// Takes the oldest item, or nothing if there is none.
    ///
    /// # Memory ordering
    /// Everything before the [`push`](Producer::push) of the item happens-before this
    /// call's return.
    /// # Cost
    /// Two loads and a store.
    pub fn pop(&mut self) -> Option<T> {
        let ring = &*self.ring;
        // ORDERING: Relaxed. Nobody else writes it.
        let head = ring.head.load(Relaxed);
        // ORDERING: Acquire. The slots before it are written; pairs with the Release store
        // in `push`.
        let tail = ring.tail.load(Acquire);
        if head == tail {
            return None;
        }
        let slot = ring.slot(head);
        // SAFETY: `tail` has passed this slot and `head` has not: it holds an item, which is
        // the consumer's, and there is one consumer, borrowed exclusively. The item is moved
        // out once, because `head` passes it below.
        let item = slot.with(|slot| unsafe { (*slot).assume_init_read() });
        // ORDERING: Release. The slot is read; pairs with the Acquire load in `push`.
        ring.head.store(head + 1, Release);
        Some(item)
    }

    /// Whether the producer is gone. What it had pushed by then can be popped still; if
    /// `pop` returns nothing *after* this has returned true, that was all.
    ///
    /// # Memory ordering
    /// If so, everything before the producer was dropped happens-before this call's return.
    pub fn is_abandoned(&self) -> bool {
        // ORDERING: Acquire. The last item is seen, too; pairs with the Release store in
        // `drop`.
        self.ring.abandoned.load(Acquire)
    }
}

impl<T> Drop for Producer<T> {
    fn drop(&mut self) {
        // ORDERING: Release. What was pushed was pushed before; pairs with the Acquire load
        // in `Consumer::is_abandoned`.
        self.ring.abandoned.store(true, Release);
    }
}

impl<T> Drop for Consumer<T> {
    fn drop(&mut self) {
        // ORDERING: Release. What was popped was popped before; pairs with the Acquire load
        // in `Producer::is_abandoned`.
        self.ring.abandoned.store(true, Release);
    }
}

impl<T> Drop for Ring<T> {
    /// Drops what was pushed and not popped.
    fn drop(&mut self) {
        let (head, tail) = (*self.head.get_mut(), *self.tail.get_mut());
        for count in head..tail {
            // SAFETY: from `head` to `tail` the slots hold items (the invariant of
            // `slots`), both sides are gone, and each slot is visited once.
            self.slot(count)
                .with_mut(|slot| unsafe { (*slot).assume_init_drop() });
        }
    }
}

impl<T> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").finish_non_exhaustive()
    }
}
