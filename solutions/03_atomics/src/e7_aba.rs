//! 03.7 (repair): three buffers, and one that is given to two.
//!
//! Buffers 0, 1 and 2 are handed out and given back. Those that are free are a list: `head`
//! is the first of them, and `next` says for each which comes behind it. Both are numbers,
//! so that nothing is ever freed. Whoever takes a buffer puts `head` on to the next one,
//! if `head` is still what it was.
//!
//! But `head` may be what it was although the list is another by now. The graders show
//! how.
//!
//! Goal:
//!
//! - No buffer is given to two, none is lost, whoever else takes and gives at the same
//!   moment, and however often.
//! - `take` says `None` only if no buffer is free.
//! - Whoever takes a buffer sees all that was done with it before it was given back.
//!
//! Types, fields and orderings are yours to change; `new`, `take` and `give` are called as
//! they are. Nobody waits for a lock. A report calls `next[0]` just `next`, and `next[1]`
//! is `next#2`.
//!
//! Edit between the markers only. About 12 lines, 20 minutes.
//! Stuck? `cargo hint 03.7`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! buffer 1 is in use and free at once: thread 1 has [0], main has [1], and 1, 2 are free
//! ```

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
        Self(u64::from(generation.wrapping_add(1)) << 32 | u64::from(first))
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
        // ORDERING: Acquire, here and below, pairs with the exchange in `give`: what
        // stands in `next`, and in the buffer, is there.
        let mut head = Head(self.head.load(Acquire));
        while head.first() != NONE {
            // ORDERING: Relaxed. It may be another's by now; then `head` is another, too.
            let next = self.next[head.first() as usize].load(Relaxed);
            // ORDERING: as above. What is taken off has to publish nothing.
            //
            // Rejected: to compare the buffer alone. It may have been taken, and given
            // back, and the one behind it may be somebody's.
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
        // ORDERING: Relaxed, here and on failure. Only the number is used.
        let mut head = Head(self.head.load(Relaxed));
        loop {
            // ORDERING: Relaxed. The exchange publishes it.
            self.next[buffer as usize].store(head.first(), Relaxed);
            // ORDERING: Release publishes `next` and the buffer, to the loads in `take`.
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
