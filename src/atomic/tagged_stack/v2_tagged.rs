//! A head that is an index and a generation, in one word.
//!
//! The generation grows with every pop, so that a head which has been away and come back is
//! another one. It has 32 bits: to be deceived, a thread would have to be held up between
//! its look and its exchange while the others pop exactly 2^32 times, or a multiple of
//! that. At twenty million pops a second that is three and a half minutes without a time
//! slice, and then the right one in four billion.
#![allow(unsafe_code, reason = "the values of the slots live in cells")]

use std::fmt;
use std::mem::MaybeUninit;

use super::super::Full;
use crate::ground::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;

/// The index that means none.
pub(super) const NONE: u32 = u32::MAX;

/// A stack of at most so many values, for any number of threads, without a lock.
///
/// For things that go round: buffers, slots, connections. All of its memory is allocated
/// when it is made, so no node is ever freed while another thread looks at it.
///
/// ```
/// use threadbare::atomic::TaggedStack;
///
/// let buffers = TaggedStack::with_capacity(2);
/// buffers.push(vec![0; 16]).unwrap();
/// buffers.push(vec![1; 16]).unwrap();
/// assert!(buffers.push(vec![2; 16]).is_err());
/// assert_eq!(buffers.pop(), Some(vec![1; 16]));
/// ```
pub struct TaggedStack<T> {
    /// The slots with a value, from the top.
    full: Head,
    /// The slots without.
    free: Head,
    /// INVARIANT: each slot is in one of the two lists, or belongs to the thread that has
    /// popped it and not pushed it yet. Those in `full` hold a value, those in `free` none.
    slots: Box<[Slot<T>]>,
}

struct Slot<T> {
    /// An atomic, because a thread may look at it while the slot is somebody else's by now.
    /// What it has seen then is of no use: its exchange fails.
    below: AtomicU32,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: a value is reached only by the thread that its slot belongs to (the invariant of
// `slots`), and moves from thread to thread: `T: Send`.
unsafe impl<T: Send> Sync for TaggedStack<T> {}

// ANCHOR: top
/// The slot on top, and how often this list has been popped: one word, changed as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Top {
    pub(super) index: u32,
    pub(super) generation: u32,
}

impl Top {
    pub(super) fn pack(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.index)
    }

    pub(super) fn unpack(word: u64) -> Self {
        Self {
            index: word as u32,
            generation: (word >> 32) as u32,
        }
    }

    /// After a push of `index`.
    pub(super) fn with(self, index: u32) -> Self {
        Self { index, ..self }
    }

    /// After a pop, with `below` on top.
    pub(super) fn popped(self, below: u32) -> Self {
        Self {
            index: below,
            generation: self.generation.wrapping_add(1),
        }
    }
}
// ANCHOR_END: top

impl<T> TaggedStack<T> {
    /// Makes an empty stack with room for `capacity` values.
    ///
    /// # Panics
    /// If `capacity` is 2^32 - 1 or more.
    pub fn with_capacity(capacity: usize) -> Self {
        let count = u32::try_from(capacity).ok().filter(|&count| count < NONE);
        let count = count.expect("indices have 32 bits");
        let slot = |index| Slot {
            below: AtomicU32::new(if index + 1 < count { index + 1 } else { NONE }),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        };
        Self {
            full: Head::new(NONE),
            free: Head::new(if count > 0 { 0 } else { NONE }),
            slots: (0..count).map(slot).collect(),
        }
    }

    /// How many values there is room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.slots.len()
    }

    /// Puts `value` on top.
    ///
    /// # Errors
    /// [`Full`] with the value, if there is no free slot. A slot that another thread is
    /// about to give back counts as taken.
    /// # Memory ordering
    /// Everything before this call happens-before the return of the [`pop`](Self::pop)
    /// that takes the value.
    /// # Cost
    /// Two compare-exchanges, more when others get in between; no allocation.
    pub fn push(&self, value: T) -> Result<(), Full<T>> {
        let Some(index) = self.free.pop(&self.slots) else {
            return Err(Full(value));
        };
        let slot = &self.slots[index as usize].value;
        // SAFETY: popped from `free`, the slot is this thread's, and holds no value.
        slot.with_mut(|slot| unsafe { (*slot).write(value) });
        self.full.push(index, &self.slots);
        Ok(())
    }

    /// Takes the value on top.
    ///
    /// # Memory ordering
    /// Everything before the [`push`](Self::push) of the value happens-before this call's
    /// return.
    /// # Cost
    /// As for `push`.
    pub fn pop(&self) -> Option<T> {
        let index = self.full.pop(&self.slots)?;
        let slot = &self.slots[index as usize].value;
        // SAFETY: popped from `full`, the slot is this thread's, and holds a value, which is
        // moved out once: the slot goes to `free`.
        let value = slot.with(|slot| unsafe { (*slot).assume_init_read() });
        self.free.push(index, &self.slots);
        Some(value)
    }
}

/// A list of slots: the [`Top`], packed.
struct Head(AtomicU64);

impl Head {
    fn new(index: u32) -> Self {
        let generation = 0;
        Self(AtomicU64::new(Top { index, generation }.pack()))
    }

    /// Called with a slot that belongs to the caller, who has no right to it afterwards.
    fn push<T>(&self, index: u32, slots: &[Slot<T>]) {
        // ORDERING: Relaxed. It is linked, not looked into; the exchange decides.
        let mut word = self.0.load(Relaxed);
        loop {
            let top = Top::unpack(word);
            // ORDERING: Relaxed. The Release below publishes it.
            slots[index as usize].below.store(top.index, Relaxed);
            let new = top.with(index).pack();
            // ORDERING: Release publishes the slot, with its value or without; pairs with
            // the Acquire operations in `pop`. On failure Relaxed, as above.
            match self.0.compare_exchange_weak(word, new, Release, Relaxed) {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    /// Takes the slot on top, which belongs to the caller then.
    // ANCHOR: pop
    fn pop<T>(&self, slots: &[Slot<T>]) -> Option<u32> {
        // ORDERING: Acquire. The slot is looked into; pairs with the Release in `push`.
        let mut word = self.0.load(Acquire);
        loop {
            let top = Top::unpack(word);
            let slot = slots.get(top.index as usize)?; // NONE is past the end
            // ORDERING: Relaxed. The slot has been acquired. If it has gone meanwhile, this
            // is worth nothing, and the exchange fails by the generation.
            let below = slot.below.load(Relaxed);
            let new = top.popped(below).pack();
            // ORDERING: Relaxed: the slot has been acquired, and a read-modify-write passes
            // on what others have released. On failure Acquire, as above; pairs with the
            // Release in `push`.
            match self.0.compare_exchange_weak(word, new, Relaxed, Acquire) {
                Ok(_) => return Some(top.index),
                Err(now) => word = now,
            }
        }
    }
    // ANCHOR_END: pop
}

impl<T> Drop for TaggedStack<T> {
    fn drop(&mut self) {
        while let Some(value) = self.pop() {
            drop(value);
        }
    }
}

impl<T> fmt::Debug for TaggedStack<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaggedStack")
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
