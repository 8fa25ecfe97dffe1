//! No list at all: a bit for each buffer.

// --- edit from here ---

use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

/// Three buffers, by their numbers.
#[derive(Debug)]
pub struct Buffers {
    /// A bit for each that is free.
    free: AtomicU32,
}

impl Buffers {
    /// All three are free.
    pub fn new() -> Self {
        Self {
            free: AtomicU32::new(0b111),
        }
    }

    /// A buffer that nobody else has, or `None` if none is free.
    pub fn take(&self) -> Option<u32> {
        let taken = self.free.fetch_update(Acquire, Relaxed, |free| {
            (free != 0).then(|| free & (free - 1))
        });
        taken.ok().map(u32::trailing_zeros)
    }

    /// Gives back a buffer that was taken.
    pub fn give(&self, buffer: u32) {
        self.free.fetch_or(1 << buffer, Release);
    }
}

// --- to here ---
