//! 03.6 (weakest ordering): a seqlock that is right, and pays for more than it needs.
//!
//! One writer, any number of readers. A count is even while nobody writes and odd while
//! somebody does; a reader that saw the same even count before and after has read one
//! version. The words are atomics, because readers do read while the writer writes.
//! With `SeqCst` everywhere that is right, and dearer than need be.
//!
//! Goal: it stays right, and no ordering in it is stronger than it has to be: whichever
//! you weaken by one step, some reader gets half of one version and half of another, or
//! misses what was done before the write. There is more than one best answer, and any
//! of them will do.
//!
//! - Which operation comes when stays as it is (a store may become a read-modify-write),
//!   and so do the types. Orderings may be changed, and fences put in (`fence` is in
//!   `ground::atomic`, too).
//! - One step weaker is: for a load `SeqCst`, `Acquire`, `Relaxed`; for a store
//!   `SeqCst`, `Release`, `Relaxed`; for a fence `SeqCst`, `AcqRel`, then `Acquire` or
//!   `Release`, then no fence.
//!
//! Edit between the markers only. About 8 lines, 25 minutes.
//! Stuck? `cargo hint 03.6`, three levels.
//!
//! A report calls the first word `words`, and the second `words#2`.
//! A failing run prints an interleaving that goes wrong, or for instance:
//! ```text
//! line 52, count.load: SeqCst is stronger than it has to be, Acquire would do
//! ```

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
        let first = self.words[0].load(Acquire);
        let second = self.words[1].load(Acquire);
        let after = self.count.load(Relaxed);
        (before % 2 == 0 && before == after).then_some([first, second])
    }
}

// --- to here ---
