//! must say: is in use and free at once
//!
//! The generation is back after two changes.

// --- edit from here ---

use super::ground::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

/// No buffer: the end of the list.
const NONE: u32 = u32::MAX;

/// Which buffer is the first, and in its upper half how often that has been decided.
#[derive(Clone, Copy, Debug)]
struct Head(u64);

impl Head {
    fn first(self) -> u32 {
        self.0 as u32
    }

    /// The head that comes after this one.
    fn then(self, first: u32) -> Self {
        let generation = (self.0 >> 32) as u32;
        Self(u64::from((generation + 1) % 2) << 32 | u64::from(first))
    }
}

/// Three buffers, by their numbers.
#[derive(Debug)]
pub struct Buffers {
    /// The first that is free, as a [`Head`].
    head: AtomicU64,
    /// For each that is free, the one behind it.
    next: [AtomicU32; 3],
}

impl Buffers {
    /// All three are free, 0 first.
    pub fn new() -> Self {
        Self {
            head: AtomicU64::new(0),
            next: [AtomicU32::new(1), AtomicU32::new(2), AtomicU32::new(NONE)],
        }
    }

    /// A buffer that nobody else has, or `None` if none is free.
    pub fn take(&self) -> Option<u32> {
        let mut head = Head(self.head.load(Acquire));
        while head.first() != NONE {
            let next = self.next[head.first() as usize].load(Relaxed);
            match self.head.compare_exchange_weak(
                head.0,
                head.then(next).0,
                Acquire,
                Acquire,
            ) {
                Ok(_) => return Some(head.first()),
                Err(newer) => head = Head(newer),
            }
        }
        None
    }

    /// Gives back a buffer that was taken.
    pub fn give(&self, buffer: u32) {
        let mut head = Head(self.head.load(Relaxed));
        loop {
            self.next[buffer as usize].store(head.first(), Relaxed);
            match self.head.compare_exchange_weak(
                head.0,
                head.then(buffer).0,
                Release,
                Relaxed,
            ) {
                Ok(_) => return,
                Err(newer) => head = Head(newer),
            }
        }
    }
}

// --- to here ---
