//! Sixteen padded words; each thread adds to its own, and who reads adds them up.

use std::cell::Cell;

use crate::ground::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use crate::ground::{Static, const_new, thread_local};
use crossbeam_utils::CachePadded;

/// How many words a counter has. More would help machines with more than sixteen cores that
/// all count at once, at the price of memory: a counter is 2 KiB where a padded word is 128
/// bytes.
pub const SHARDS: usize = 16;

/// Handed out round robin, so that the first sixteen threads never share a word.
static NEXT_SHARD: Static<AtomicUsize> = Static::new(|| AtomicUsize::new(0));

thread_local! {
    /// The calling thread's shard, the same in every counter; `None` before its first use.
    static MY_SHARD: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The number of the calling thread's shard.
fn my_shard() -> usize {
    MY_SHARD.with(|mine| {
        if let Some(shard) = mine.get() {
            return shard;
        }
        // ORDERING: Relaxed. Only hands out different numbers.
        let shard = NEXT_SHARD.fetch_add(1, Relaxed) % SHARDS;
        mine.set(Some(shard));
        shard
    })
}

/// Counts in sixteen words, so that threads which add do not meet.
///
/// For counts that are added to often and read seldom: statistics. A count that decides
/// something, such as how many permits are left, needs one word.
///
/// ```
/// use threadbare::atomic::Counter;
///
/// static REQUESTS: Counter = Counter::new();
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| REQUESTS.add(1));
///     }
/// });
/// assert_eq!(REQUESTS.sum(), 4);
/// ```
#[derive(Debug)]
pub struct Counter {
    shards: [CachePadded<AtomicU64>; SHARDS],
}

const_new! {
    fn shard() -> CachePadded<AtomicU64> {
        CachePadded::new(AtomicU64::new(0))
    }
}

impl Counter {
    const_new! {
        /// Makes a counter at zero.
        pub fn new() -> Self {
            // Written out: an array expression takes no call of a `const fn`.
            Self {
                shards: [
                    shard(), shard(), shard(), shard(), shard(), shard(), shard(), shard(),
                    shard(), shard(), shard(), shard(), shard(), shard(), shard(), shard(),
                ],
            }
        }
    }

    /// Adds `n`, wrapping around at 2^64.
    ///
    /// # Memory ordering
    /// None: the count tells nobody that other memory is ready.
    /// # Cost
    /// One read-modify-write on a cache line that stays with this core, as long as no more
    /// than [`SHARDS`] threads count, and a look at a thread-local.
    // ANCHOR: add
    pub fn add(&self, n: u64) {
        // ORDERING: Relaxed. A read-modify-write loses no addition, whatever its ordering;
        // and it must be one, because a seventeenth thread shares a word with the first.
        self.shards[my_shard()].fetch_add(n, Relaxed);
    }
    // ANCHOR_END: add

    /// Returns what has been added so far: at least all that happens-before this call, and
    /// never less than this thread was told before.
    ///
    /// It is no picture of one moment: what is added while it reads may count or not, each
    /// for itself, and so may what was added before by a thread that has not been joined.
    /// As long as nobody subtracts by wrapping around, it is at most the sum at its end.
    ///
    /// # Cost
    /// Sixteen loads from lines that other cores write.
    pub fn sum(&self) -> u64 {
        self.shards.iter().fold(0, |sum, shard| {
            // ORDERING: Relaxed. No other memory is read on the strength of this value.
            sum.wrapping_add(shard.load(Relaxed))
        })
    }
}

#[cfg(test)]
impl Counter {
    /// How many shards have been added to.
    pub(super) fn used(&self) -> usize {
        // ORDERING: Relaxed. Called when all threads have been joined.
        let used = |shard: &&CachePadded<AtomicU64>| shard.load(Relaxed) != 0;
        self.shards.iter().filter(used).count()
    }
}

impl Default for Counter {
    fn default() -> Self {
        Self::new()
    }
}
