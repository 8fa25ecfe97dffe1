//! A head that is an index and nothing else. **Wrong**: it falls to ABA.
//!
//! It is here to be measured and to be seen failing. So that it cannot do worse than lose
//! values and repeat them, these are numbers in atomics: with a `T` in a cell two threads
//! would hold the same one, and safe code could drop it twice.

use super::super::Full;
use crate::ground::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

/// The index that means none.
const NONE: u32 = u32::MAX;

/// A stack of numbers that loses some of them and returns others twice, if two threads pop
/// and push at the wrong moment.
///
/// ```
/// use threadbare::atomic::tagged_stack::v1_untagged::UntaggedStack;
///
/// let stack = UntaggedStack::with_capacity(2);
/// stack.push(1).unwrap();
/// stack.push(2).unwrap();
/// assert!(stack.push(3).is_err());
/// assert_eq!([stack.pop(), stack.pop(), stack.pop()], [Some(2), Some(1), None]);
/// ```
#[derive(Debug)]
pub struct UntaggedStack {
    /// The slots with a value, from the top.
    full: Head,
    /// The slots without.
    free: Head,
    slots: Box<[Slot]>,
}

#[derive(Debug)]
struct Slot {
    below: AtomicU32,
    value: AtomicU64,
}

/// The index of the slot on top, or `NONE`.
#[derive(Debug)]
struct Head(AtomicU32);

impl UntaggedStack {
    /// Makes an empty stack with room for `capacity` numbers.
    ///
    /// # Panics
    /// If `capacity` is 2^32 - 1 or more.
    pub fn with_capacity(capacity: usize) -> Self {
        let count = u32::try_from(capacity).ok().filter(|&count| count < NONE);
        let count = count.expect("indices have 32 bits");
        let slot = |index| Slot {
            below: AtomicU32::new(if index + 1 < count { index + 1 } else { NONE }),
            value: AtomicU64::new(0),
        };
        Self {
            full: Head(AtomicU32::new(NONE)),
            free: Head(AtomicU32::new(if count > 0 { 0 } else { NONE })),
            slots: (0..count).map(slot).collect(),
        }
    }

    /// Puts `value` on top.
    ///
    /// # Errors
    /// [`Full`] with the value, if there is no free slot.
    pub fn push(&self, value: u64) -> Result<(), Full<u64>> {
        let Some(index) = self.free.pop(&self.slots) else {
            return Err(Full(value));
        };
        // ORDERING: Relaxed. The Release in `Head::push` publishes it.
        self.slots[index as usize].value.store(value, Relaxed);
        self.full.push(index, &self.slots);
        Ok(())
    }

    /// Takes the value on top.
    pub fn pop(&self) -> Option<u64> {
        let index = self.full.pop(&self.slots)?;
        // ORDERING: Relaxed. `Head::pop` has acquired it.
        let value = self.slots[index as usize].value.load(Relaxed);
        self.free.push(index, &self.slots);
        Some(value)
    }
}

impl Head {
    fn push(&self, index: u32, slots: &[Slot]) {
        // ORDERING: Relaxed. It is linked, not looked into; the exchange decides.
        let mut top = self.0.load(Relaxed);
        loop {
            // ORDERING: Relaxed. The Release below publishes it.
            slots[index as usize].below.store(top, Relaxed);
            // ORDERING: Release publishes the slot; pairs with the Acquire operations in
            // `pop`. On failure Relaxed, as above.
            match self.0.compare_exchange_weak(top, index, Release, Relaxed) {
                Ok(_) => return,
                Err(now) => top = now,
            }
        }
    }

    // ANCHOR: pop
    fn pop(&self, slots: &[Slot]) -> Option<u32> {
        // ORDERING: Acquire. The slot is looked into; pairs with the Release in `push`.
        let mut top = self.0.load(Acquire);
        while top != NONE {
            // ORDERING: Relaxed. The slot has been acquired.
            let below = slots[top as usize].below.load(Relaxed);
            // ORDERING: Relaxed: the slot has been acquired, and a read-modify-write passes
            // on what others have released. On failure Acquire, as above; pairs with the
            // Release in `push`.
            match self.0.compare_exchange_weak(top, below, Relaxed, Acquire) {
                Ok(_) => return Some(top),
                Err(now) => top = now,
            }
        }
        None
    }
    // ANCHOR_END: pop
}
