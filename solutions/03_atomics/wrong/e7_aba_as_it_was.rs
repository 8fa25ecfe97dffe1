//! must say: is in use and free at once
//!
//! The head is what it was, and the list is another.

// --- edit from here ---

use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

/// No buffer: the end of the list.
const NONE: u32 = u32::MAX;

/// Three buffers, by their numbers.
#[derive(Debug)]
pub struct Buffers {
    /// The first that is free.
    head: AtomicU32,
    /// For each that is free, the one behind it.
    next: [AtomicU32; 3],
}

impl Buffers {
    /// All three are free, 0 first.
    pub fn new() -> Self {
        Self {
            head: AtomicU32::new(0),
            next: [AtomicU32::new(1), AtomicU32::new(2), AtomicU32::new(NONE)],
        }
    }

    /// A buffer that nobody else has, or `None` if none is free.
    pub fn take(&self) -> Option<u32> {
        let mut head = self.head.load(Acquire);
        while head != NONE {
            let next = self.next[head as usize].load(Relaxed);
            match self
                .head
                .compare_exchange_weak(head, next, Acquire, Acquire)
            {
                Ok(_) => return Some(head),
                Err(newer) => head = newer,
            }
        }
        None
    }

    /// Gives back a buffer that was taken.
    pub fn give(&self, buffer: u32) {
        let mut head = self.head.load(Relaxed);
        loop {
            self.next[buffer as usize].store(head, Relaxed);
            match self
                .head
                .compare_exchange_weak(head, buffer, Release, Relaxed)
            {
                Ok(_) => return,
                Err(newer) => head = newer,
            }
        }
    }
}

// --- to here ---
