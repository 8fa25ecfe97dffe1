//! must say: half of one version and half of another
//!
//! An acquire load keeps back what comes after it, and the words come before it.

// --- edit from here ---

use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};

/// Two words that belong together.
#[derive(Debug)]
pub struct SeqLock {
    count: AtomicU32,
    words: [AtomicU32; 2],
}

impl SeqLock {
    /// A lock that holds `words`.
    pub fn new([first, second]: [u32; 2]) -> Self {
        let count = AtomicU32::new(0);
        Self {
            count,
            words: [AtomicU32::new(first), AtomicU32::new(second)],
        }
    }

    /// Replaces both words. Called by one thread only.
    pub fn write(&self, [first, second]: [u32; 2]) {
        let count = self.count.load(Relaxed);
        self.count.store(count + 1, Relaxed);
        fence(Release);
        self.words[0].store(first, Relaxed);
        self.words[1].store(second, Relaxed);
        self.count.store(count + 2, Release);
    }

    /// Both words, or `None` if the writer came in between.
    pub fn try_read(&self) -> Option<[u32; 2]> {
        let before = self.count.load(Acquire);
        let first = self.words[0].load(Relaxed);
        let second = self.words[1].load(Relaxed);
        let after = self.count.load(Acquire);
        (before % 2 == 0 && before == after).then_some([first, second])
    }
}

// --- to here ---
