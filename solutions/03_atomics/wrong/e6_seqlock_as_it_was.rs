//! must say: is stronger than it has to be
//!
//! Right, and dear.

// --- edit from here ---

use super::ground::atomic::{AtomicU32, Ordering::SeqCst};

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
        let count = self.count.load(SeqCst);
        self.count.store(count + 1, SeqCst);
        self.words[0].store(first, SeqCst);
        self.words[1].store(second, SeqCst);
        self.count.store(count + 2, SeqCst);
    }

    /// Both words, or `None` if the writer came in between.
    pub fn try_read(&self) -> Option<[u32; 2]> {
        let before = self.count.load(SeqCst);
        let first = self.words[0].load(SeqCst);
        let second = self.words[1].load(SeqCst);
        let after = self.count.load(SeqCst);
        (before % 2 == 0 && before == after).then_some([first, second])
    }
}

// --- to here ---
