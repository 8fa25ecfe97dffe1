//! Right: the odd count is added, where only one writes dearer than a store.

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
        // ORDERING: Relaxed. The fence orders it before the words.
        let count = self.count.fetch_add(1, Relaxed);
        // ORDERING: Release, pairs with the fence in `try_read`: whoever has read a word
        // that is stored below finds the odd count when it looks again.
        //
        // Rejected: to store the odd count with `Release`, and no fence. That orders
        // what comes before it, and the words come after.
        fence(Release);
        // ORDERING: Relaxed, for the fence above and the store below.
        self.words[0].store(first, Relaxed);
        self.words[1].store(second, Relaxed);
        // ORDERING: Release publishes the words, and pairs with the first load in
        // `try_read`.
        self.count.store(count + 2, Release);
    }

    /// Both words, or `None` if the writer came in between.
    pub fn try_read(&self) -> Option<[u32; 2]> {
        // ORDERING: Acquire pairs with the last store in `write`: the words are at least
        // as new as this count.
        let before = self.count.load(Acquire);
        // ORDERING: Relaxed. If one of them is newer than `before`, the fence tells.
        let first = self.words[0].load(Relaxed);
        let second = self.words[1].load(Relaxed);
        // ORDERING: Acquire, pairs with the fence in `write`. As good: words that are
        // stored with `Release` and loaded with `Acquire`, and no fence at all.
        fence(Acquire);
        // ORDERING: Relaxed. The fence orders it behind the words.
        let after = self.count.load(Relaxed);
        (before.is_multiple_of(2) && before == after).then_some([first, second])
    }
}

// --- to here ---
