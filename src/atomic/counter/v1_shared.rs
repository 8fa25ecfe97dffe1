//! One word for all.

use crate::ground::atomic::{AtomicU64, Ordering::Relaxed};
use crate::ground::const_new;

/// Counts in one word, eight bytes long.
///
/// Two of them side by side share a cache line: threads that never touch each other's
/// counter then slow each other down all the same.
///
/// ```
/// use threadbare::atomic::counter::v1_shared::Counter;
///
/// static HITS: Counter = Counter::new();
/// HITS.add(2);
/// assert_eq!(HITS.sum(), 2);
/// ```
#[derive(Debug, Default)]
pub struct Counter {
    value: AtomicU64,
}

impl Counter {
    const_new! {
        /// Makes a counter at zero.
        pub fn new() -> Self {
            Self { value: AtomicU64::new(0) }
        }
    }

    /// Adds `n`, wrapping around at 2^64.
    ///
    /// # Memory ordering
    /// None: the count tells nobody that other memory is ready.
    /// # Cost
    /// One read-modify-write; the cache line has to come from whoever added last.
    // ANCHOR: add
    pub fn add(&self, n: u64) {
        // ORDERING: Relaxed. A read-modify-write loses no addition, whatever its ordering.
        self.value.fetch_add(n, Relaxed);
    }
    // ANCHOR_END: add

    /// Returns what has been added so far: at least all that happens-before this call.
    pub fn sum(&self) -> u64 {
        // ORDERING: Relaxed. No other memory is read on the strength of this value.
        self.value.load(Relaxed)
    }
}
