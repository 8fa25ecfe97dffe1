//! One word for all, alone on its cache line.

use crate::ground::atomic::{AtomicU64, Ordering::Relaxed};
use crate::ground::const_new;
use crossbeam_utils::CachePadded;

/// Counts in one word that shares its cache line with nothing.
///
/// Neighbours no longer disturb each other. Threads that add to the *same* counter do: the
/// line goes from core to core with every addition.
///
/// ```
/// use threadbare::atomic::counter::v2_padded::Counter;
///
/// let pair = [Counter::new(), Counter::new()];
/// let [first, second] = [&raw const pair[0], &raw const pair[1]];
/// assert!(second.addr() - first.addr() >= 64, "never on one line");
/// ```
#[derive(Debug, Default)]
pub struct Counter {
    value: CachePadded<AtomicU64>,
}

impl Counter {
    const_new! {
        /// Makes a counter at zero.
        pub fn new() -> Self {
            Self { value: CachePadded::new(AtomicU64::new(0)) }
        }
    }

    /// Adds `n`, wrapping around at 2^64.
    ///
    /// # Memory ordering
    /// None: the count tells nobody that other memory is ready.
    /// # Cost
    /// One read-modify-write; the cache line has to come from whoever added last.
    pub fn add(&self, n: u64) {
        // ORDERING: Relaxed. A read-modify-write loses no addition, whatever its ordering.
        self.value.fetch_add(n, Relaxed);
    }

    /// Returns what has been added so far: at least all that happens-before this call.
    pub fn sum(&self) -> u64 {
        // ORDERING: Relaxed. No other memory is read on the strength of this value.
        self.value.load(Relaxed)
    }
}
