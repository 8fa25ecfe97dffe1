//! A few words that are read without writing anything.
//!
//! A reader of a lock writes: it takes the lock. Ten readers on ten cores then fight for the
//! line that the lock is on, although none of them changes anything. A reader of a seqlock
//! only loads. It looks at a number, reads the words, and looks at the number again; if a
//! writer was there, it throws away what it has read and starts anew.
//!
//! ```text
//! number   0         1                          2          even: nobody writes
//!          |         |                          |
//! writer   |  odd ───┘  word 0   word 1  ...  ──┘ even
//! reader   └─ look       word 0   word 1  ...      look again: not the same, once more
//! ```
//!
//! Readers read *while* a writer writes, so the words are atomics, of which a torn whole is
//! no undefined behaviour; it is thrown away. Two fences keep the words between the looks:
//!
//! | who | fence | without it |
//! |---|---|---|
//! | writer | `Release`, behind the odd number | a reader sees a new word, and the even number from before |
//! | reader | `Acquire`, before the second look | a reader reads a word after its second look |
//!
//! Source: Hans-J. Boehm, *Can Seqlocks Get Along With Programming Language Memory Models?*
//! (MSPC 2012).

use crate::ground::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use crate::ground::hint::Backoff;

/// `N` words that are always read as somebody wrote them together.
///
/// For data that is small, read all the time and written now and then: a clock, a
/// configuration, a pair of counters. A writer never waits for readers; readers wait for
/// writers, and would starve beside one that never pauses.
///
/// ```
/// use threadbare::atomic::SeqLock;
///
/// let range = SeqLock::new([0, 100]);
/// std::thread::scope(|scope| {
///     scope.spawn(|| range.write([200, 300]));
///     let [low, high] = range.read();
///     assert_eq!(high - low, 100, "half of one, half of the other");
/// });
/// range.update(|[low, _]| *low += 1);
/// assert_eq!(range.read(), [201, 300]);
/// ```
#[derive(Debug)]
pub struct SeqLock<const N: usize> {
    /// Even: nobody writes. Odd: somebody does. Grows by two with every write, and would
    /// have to grow by 2^64 while one reader reads to deceive it.
    sequence: AtomicU64,
    words: [AtomicU64; N],
}

impl<const N: usize> SeqLock<N> {
    /// Makes a seqlock that holds `words`.
    pub fn new(words: [u64; N]) -> Self {
        Self {
            sequence: AtomicU64::new(0),
            words: words.map(AtomicU64::new),
        }
    }

    /// Returns the words of one write.
    ///
    /// # Blocking
    /// Tries again while somebody writes: spins, then yields. It never sleeps.
    /// # Memory ordering
    /// Everything before the [`write`](Self::write) whose words these are happens-before
    /// this call's return.
    /// # Cost
    /// `N` + 2 loads and no store, so that readers on any number of cores do not meet.
    #[inline]
    pub fn read(&self) -> [u64; N] {
        match self.try_read() {
            Some(words) => words,
            None => self.read_again(),
        }
    }

    #[cold]
    fn read_again(&self) -> [u64; N] {
        let backoff = Backoff::new();
        loop {
            backoff.snooze();
            if let Some(words) = self.try_read() {
                return words;
            }
        }
    }

    /// Returns the words of one write, unless somebody writes at this moment.
    // ANCHOR: try_read
    #[inline]
    pub fn try_read(&self) -> Option<[u64; N]> {
        // ORDERING: Acquire. The words of the write that made it even; pairs with the
        // Release store in `unlock`.
        let before = self.sequence.load(Acquire);
        if !before.is_multiple_of(2) {
            return None;
        }
        // ORDERING: Relaxed. May be of any write; the fence below finds out.
        let words = std::array::from_fn(|index| self.words[index].load(Relaxed));
        // ORDERING: Acquire. If a word is of a later write, the load below sees that write's
        // odd number; pairs with the Release fence in `lock`. Forbidden: the writer stores
        // the odd number and then a word; the reader loads that word and then the old
        // number.
        fence(Acquire);
        // ORDERING: Relaxed. The fence above keeps it behind the words.
        let after = self.sequence.load(Relaxed);
        (before == after).then_some(words)
    }
    // ANCHOR_END: try_read

    /// Replaces the words.
    ///
    /// # Blocking
    /// Waits for other writers (spins, then yields), never for readers.
    /// # Memory ordering
    /// As for [`read`](Self::read).
    /// # Cost
    /// A compare-exchange and `N` + 1 stores. Every reader fetches the lines anew.
    pub fn write(&self, words: [u64; N]) {
        let even = self.lock();
        self.store(words);
        self.unlock(even);
    }

    /// Changes the words: reads them, calls `change`, and writes what it made of them.
    /// Nobody writes in between.
    ///
    /// # Panics
    /// If `change` does; the words are then as before.
    /// # Blocking
    /// As for [`write`](Self::write); and readers wait while `change` runs, so keep it
    /// short.
    pub fn update(&self, change: impl FnOnce(&mut [u64; N])) {
        /// Lets the others go on, also if `change` panics.
        struct Unlock<'a, const N: usize>(&'a SeqLock<N>, u64);
        impl<const N: usize> Drop for Unlock<'_, N> {
            fn drop(&mut self) {
                self.0.unlock(self.1);
            }
        }
        let writer = Unlock(self, self.lock());
        // ORDERING: Relaxed. `lock` has acquired what the last writer wrote.
        let mut words = std::array::from_fn(|index| self.words[index].load(Relaxed));
        change(&mut words);
        self.store(words);
        drop(writer);
    }

    // ANCHOR: write
    /// Keeps other writers out and makes the number odd. Returns the even one.
    fn lock(&self) -> u64 {
        let backoff = Backoff::new();
        // ORDERING: Relaxed. A guess: the exchange below decides.
        let mut now = self.sequence.load(Relaxed);
        loop {
            if now.is_multiple_of(2) {
                // ORDERING: Acquire. The last writer's words are written before these; pairs
                // with the Release store in `unlock`. On failure Relaxed: nothing is
                // looked at.
                match self.sequence.compare_exchange_weak(
                    now,
                    now + 1,
                    Acquire,
                    Relaxed,
                ) {
                    Ok(even) => {
                        // ORDERING: Release. Who sees one of the words that are written from
                        // here on sees the odd number; pairs with the Acquire fence in
                        // `try_read`, where the forbidden outcome is told.
                        fence(Release);
                        return even;
                    }
                    Err(other) => now = other,
                }
            } else {
                backoff.snooze();
                // ORDERING: Relaxed, as above.
                now = self.sequence.load(Relaxed);
            }
        }
    }

    fn store(&self, words: [u64; N]) {
        for (word, value) in self.words.iter().zip(words) {
            // ORDERING: Relaxed. Between the fence in `lock` and the Release in `unlock`.
            word.store(value, Relaxed);
        }
    }

    fn unlock(&self, even: u64) {
        // ORDERING: Release. Who sees this number sees the words; pairs with the Acquire
        // loads in `try_read` and `lock`.
        self.sequence.store(even + 2, Release);
    }
    // ANCHOR_END: write
}

impl<const N: usize> Default for SeqLock<N> {
    fn default() -> Self {
        Self::new([0; N])
    }
}

#[cfg(test)]
mod models;
