//! Each side keeps its own index to itself, and looks at the other's only when it must.
//!
//! The producer knows that there is room as long as its `tail` has not reached the `head`
//! that it last saw plus the capacity: the real head can only be further. So in a ring of a
//! thousand slots one look may do for a thousand pushes. The same holds for the consumer.
//!
//! # A consumer that is too quick
//! If the consumer is quicker than the producer, it catches up with it. From then on it
//! looks after every item or two, and takes the line with the tail and the line with the
//! slots away from a producer that is writing to both. So all this saving made the ring
//! *slower*, and version 2 was ahead: its divisions held the consumer back. So a consumer
//! that has caught up after a burst of items lingers for a moment. Meanwhile the producer
//! gets some cache lines ahead, and each of these is fetched once. A lone item is never
//! held up: not in a question with an answer, nor in one thread.
//!
//! Source: Giacomoni, Moseley, Vachharajani, *FastForward for Efficient Pipeline
//! Parallelism* (PPoPP 2008), where this is called temporal slipping.
//!
//! # Which slot
//! The number of slots is the next power of two, so that a slot is found by a mask. The
//! capacity is what was asked for all the same: it is compared with `tail - head`. Counts
//! wrap around at 2^64 (2^32 on smaller machines), a multiple of the number of slots, so
//! nothing changes there.
#![allow(
    unsafe_code,
    reason = "the slots of a ring are cells, reached by pointer"
)]

use std::fmt;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use super::super::Full;
use crate::ground::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::hint;
use crate::ground::sync::Arc;
use crossbeam_utils::CachePadded;

/// How long a consumer lingers that has caught up: so many rounds of an empty loop for each
/// item that there is room for. In that time the producer fills about half of the ring.
const ROUNDS_PER_ITEM: usize = 10;

/// But no longer than for a ring with this capacity: about one and a half microseconds.
const LINGER_CAPACITY_MAX: usize = 512;

/// After how many items in a row it does: lone items are answers, more are a stream.
const BURST: usize = 2;

/// A slot, with an item in it or none.
type Slot<T> = UnsafeCell<MaybeUninit<T>>;

/// What both sides share.
struct Ring<T> {
    /// How many items were popped. Written by the consumer only.
    head: CachePadded<AtomicUsize>,
    /// How many items were pushed. Written by the producer only.
    tail: CachePadded<AtomicUsize>,
    /// One of the sides is gone.
    abandoned: AtomicBool,
    /// INVARIANT: slot `count & mask` holds an item for each count from `head` to `tail`;
    /// those are the consumer's, the others the producer's. At most `capacity` are full.
    slots: Box<[Slot<T>]>,
}

// SAFETY: a slot is reached by one side at a time (the invariant of `slots`), which moves
// items from thread to thread: `T: Send`.
unsafe impl<T: Send> Sync for Ring<T> {}

/// Makes a ring with room for `capacity` items, and returns its two ends.
///
/// ```
/// use threadbare::atomic::spsc_ring;
///
/// let (mut producer, mut consumer) = spsc_ring::channel(64);
/// std::thread::scope(|scope| {
///     scope.spawn(move || {
///         for n in 0..1000 {
///             while producer.push(n).is_err() {
///                 std::thread::yield_now();
///             }
///         }
///     });
///     let mut sum = 0;
///     loop {
///         let last = consumer.is_abandoned(); // before the look into the ring
///         match consumer.pop() {
///             Some(n) => sum += n,
///             None if last => break,
///             None => std::thread::yield_now(),
///         }
///     }
///     assert_eq!(sum, 499_500);
/// });
/// ```
///
/// # Panics
/// If `capacity` is 0 or more than half of what a `usize` counts.
/// # Cost
/// Two allocations, here and never again: room for the next power of two.
pub fn channel<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    channel_after(capacity, 0)
}

/// As [`channel`], with counts that begin at `first`.
pub(super) fn channel_after<T>(
    capacity: usize,
    first: usize,
) -> (Producer<T>, Consumer<T>) {
    assert!(capacity > 0, "a ring without room lets nothing through");
    let count = capacity.checked_next_power_of_two();
    let count = count.expect("more slots than a `usize` counts");
    let slots = (0..count).map(|_| Slot::new(MaybeUninit::uninit()));
    let ring = Arc::new(Ring {
        head: CachePadded::new(AtomicUsize::new(first)),
        tail: CachePadded::new(AtomicUsize::new(first)),
        abandoned: AtomicBool::new(false),
        slots: slots.collect(),
    });
    let slots = NonNull::from(&*ring.slots).cast();
    let producer = Producer {
        slots,
        mask: count - 1,
        capacity,
        tail: first,
        head_seen: first,
        ring: Arc::clone(&ring),
    };
    let consumer = Consumer {
        slots,
        mask: count - 1,
        capacity,
        head: first,
        tail_seen: first,
        burst_begin: first,
        ring,
    };
    (producer, consumer)
}

/// The end that pushes: one thread at a time has it, and there is no second.
///
/// ```compile_fail,E0599
/// let (producer, _consumer) = threadbare::atomic::spsc_ring::channel::<u32>(1);
/// let second = producer.clone();
/// ```
///
/// It can be sent to another thread, but not shared between two:
///
/// ```compile_fail,E0277
/// let (producer, _consumer) = threadbare::atomic::spsc_ring::channel::<u32>(1);
/// std::thread::scope(|scope| {
///     scope.spawn(|| println!("{}", producer.len()));
/// });
/// ```
pub struct Producer<T> {
    /// The ring's slots, without the way through `ring`.
    slots: NonNull<Slot<T>>,
    mask: usize,
    capacity: usize,
    /// The same as in the ring.
    tail: usize,
    /// The ring's head is this or further.
    head_seen: usize,
    ring: Arc<Ring<T>>,
}

/// The end that pops: one thread at a time has it, and there is no second.
pub struct Consumer<T> {
    /// The ring's slots, without the way through `ring`.
    slots: NonNull<Slot<T>>,
    mask: usize,
    capacity: usize,
    /// The same as in the ring.
    head: usize,
    /// The ring's tail is this or further.
    tail_seen: usize,
    /// The head when the ring was last found empty.
    burst_begin: usize,
    ring: Arc<Ring<T>>,
}

// SAFETY: what `slots` points to lives as long as `ring`, which comes along; and items go
// from thread to thread, so `T: Send`.
unsafe impl<T: Send> Send for Producer<T> {}
// SAFETY: as for the producer.
unsafe impl<T: Send> Send for Consumer<T> {}

impl<T> Producer<T> {
    /// Appends an item.
    ///
    /// # Errors
    /// [`Full`] with the item, if there is no room.
    /// # Memory ordering
    /// Everything before this call happens-before the return of the
    /// [`pop`](Consumer::pop) that takes the item.
    /// # Cost
    /// A store, and a load of the consumer's index only if the ring may be full. No
    /// allocation.
    // ANCHOR: push
    #[inline]
    pub fn push(&mut self, item: T) -> Result<(), Full<T>> {
        let tail = self.tail;
        if tail.wrapping_sub(self.head_seen) == self.capacity {
            // ORDERING: Acquire. The consumer is done with the slots before it; pairs with
            // the Release store in `pop`.
            self.head_seen = self.ring.head.load(Acquire);
            if tail.wrapping_sub(self.head_seen) == self.capacity {
                return Err(Full(item));
            }
        }
        // SAFETY: the mask keeps the index among the slots, which live as long as `ring`.
        let slot = unsafe { self.slots.add(tail & self.mask).as_ref() };
        // SAFETY: `head` has passed this slot and `tail` has not: it is the producer's, and
        // there is one producer, borrowed exclusively.
        slot.with_mut(|slot| unsafe { (*slot).write(item) });
        self.tail = tail.wrapping_add(1);
        // ORDERING: Release. The slot is written; pairs with the Acquire load in `pop`.
        self.ring.tail.store(self.tail, Release);
        Ok(())
    }
    // ANCHOR_END: push

    /// Whether the consumer is gone: nobody will pop what is pushed.
    ///
    /// # Memory ordering
    /// If so, everything before the consumer was dropped happens-before this call's return.
    pub fn is_abandoned(&self) -> bool {
        // ORDERING: Acquire pairs with the Release store in `drop`.
        self.ring.abandoned.load(Acquire)
    }

    /// How many items wait. There may be fewer by now, but not more.
    #[must_use]
    pub fn len(&self) -> usize {
        // ORDERING: Relaxed. Nothing is read on the strength of it.
        self.tail.wrapping_sub(self.ring.head.load(Relaxed))
    }

    /// Whether no item waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items there is room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

impl<T> Consumer<T> {
    /// Takes the oldest item, or nothing if there is none.
    ///
    /// # Memory ordering
    /// Everything before the [`push`](Producer::push) of the item happens-before this
    /// call's return.
    /// # Cost
    /// A store, and a load of the producer's index only if the ring may be empty. If it is,
    /// after two items or more in a row, up to one and a half microseconds: see *A consumer
    /// that is too quick* in [the module](self).
    // ANCHOR: pop
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let head = self.head;
        if head == self.tail_seen && !self.look() && !self.linger() {
            return None;
        }
        // SAFETY: the mask keeps the index among the slots, which live as long as `ring`.
        let slot = unsafe { self.slots.add(head & self.mask).as_ref() };
        // SAFETY: `tail` has passed this slot and `head` has not: it holds an item, which is
        // the consumer's, and there is one consumer, borrowed exclusively. The item is moved
        // out once, because `head` passes it below.
        let item = slot.with(|slot| unsafe { (*slot).assume_init_read() });
        self.head = head.wrapping_add(1);
        // ORDERING: Release. The slot is read; pairs with the Acquire load in `push`.
        self.ring.head.store(self.head, Release);
        Some(item)
    }
    /// Looks at the ring's tail. Returns whether there is an item.
    #[inline]
    fn look(&mut self) -> bool {
        // ORDERING: Acquire. The slots before it are written; pairs with the Release store
        // in `push`.
        self.tail_seen = self.ring.tail.load(Acquire);
        self.head != self.tail_seen
    }

    /// Waits a moment if there was a burst of items, and looks again.
    #[cold]
    fn linger(&mut self) -> bool {
        let burst = self.head.wrapping_sub(self.burst_begin);
        self.burst_begin = self.head;
        if burst < BURST {
            return false;
        }
        let rounds = self.capacity.min(LINGER_CAPACITY_MAX) * ROUNDS_PER_ITEM;
        for round in 0..rounds {
            hint::black_box(round);
        }
        self.look()
    }
    // ANCHOR_END: pop

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

    /// How many items wait. There may be more by now, but not fewer.
    #[must_use]
    pub fn len(&self) -> usize {
        // ORDERING: Relaxed. Nothing is read on the strength of it.
        self.ring.tail.load(Relaxed).wrapping_sub(self.head)
    }

    /// Whether no item waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items there is room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
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
        let mask = self.slots.len() - 1;
        for left in 0..tail.wrapping_sub(head) {
            let slot = &mut self.slots[head.wrapping_add(left) & mask];
            // SAFETY: from `head` to `tail` the slots hold items (the invariant of
            // `slots`), both sides are gone, and each slot is visited once.
            unsafe { slot.get_mut().assume_init_drop() };
        }
    }
}

impl<T> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer")
            .field("len", &self.len())
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer")
            .field("len", &self.len())
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
