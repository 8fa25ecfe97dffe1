//! Given for 07.2: where letters lie until the loop takes them. Letters are numbers below 32,
//! and several of them are one word, with a bit for each.

use super::super::ground::Named as _;
use super::super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

/// A box that anybody may put letters into, without a lock.
#[derive(Debug)]
pub struct Post(AtomicU32);

impl Post {
    /// No letters.
    pub fn new() -> Self {
        Self(AtomicU32::new(0).named("letters"))
    }

    /// Puts a letter in, which is not there so far.
    ///
    /// What was done before is visible to whoever takes the letter. That is what `Release`
    /// does, and it does no more.
    #[track_caller]
    pub fn put(&self, letter: u32) {
        // ORDERING: Release publishes the letter; pairs with `take`.
        self.0.fetch_or(1 << letter, Release);
    }

    /// Takes all letters out; 0 if there are none. Looks by a load, which may see what was
    /// there a moment ago.
    #[track_caller]
    pub fn take(&self) -> u32 {
        // ORDERING: Relaxed. What is taken is taken up below.
        if self.0.load(Relaxed) == 0 {
            return 0;
        }
        // ORDERING: Acquire takes up the letters; pairs with `put`.
        self.0.swap(0, Acquire)
    }
}
