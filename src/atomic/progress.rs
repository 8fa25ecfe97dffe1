//! How much is done, and of how much: two words that are read together without a lock.
//!
//! Both grow while somebody reads them. That a reader never sees more done than there is to
//! do rests on the order in which it reads, *done before total*, and on a pair: who has
//! seen a piece of work done sees that it was announced.

use crate::ground::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::const_new;

/// Counts work that is announced and work that is done, for somebody who looks on.
///
/// The rule: [`announce`](Self::announce) a piece of work before it is handed to who does
/// it.
///
/// ```
/// use threadbare::atomic::{Progress, Snapshot};
///
/// let progress = Progress::new(2);
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| {
///             progress.announce(3); // it finds out that there is more to do
///             progress.advance(4);
///         });
///     }
///     let now = progress.snapshot();
///     assert!(now.done <= now.total);
/// });
/// assert_eq!(progress.snapshot(), Snapshot { done: 8, total: 8 });
/// ```
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
}

/// What there was to see in one look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// How much was done.
    pub done: u64,
    /// How much there was to do, at that moment or a little later: never less than `done`.
    pub total: u64,
}

impl Progress {
    const_new! {
        /// Begins with `total` to do, and nothing done.
        pub fn new(total: u64) -> Self {
            Self {
                done: AtomicU64::new(0),
                total: AtomicU64::new(total),
            }
        }
    }

    /// Adds `n` to what there is to do.
    ///
    /// # Memory ordering
    /// None of its own: who does the work must get it from who announced it, and whatever
    /// hands it over (a spawn, a lock, a channel) orders the two.
    // ANCHOR: announce
    pub fn announce(&self, n: u64) {
        // ORDERING: Relaxed. The Release in `advance`, which comes after it, publishes it.
        self.total.fetch_add(n, Relaxed);
    }
    // ANCHOR_END: announce

    /// Adds `n` to what is done.
    ///
    /// # Memory ordering
    /// Everything before this call happens-before the return of a [`snapshot`](Self::snapshot)
    /// that counts it.
    // ANCHOR: advance
    pub fn advance(&self, n: u64) {
        // ORDERING: Release publishes what was announced before, and the work; pairs with
        // the Acquire load in `snapshot`. A read-modify-write passes on what others have
        // released before it, so one load acquires all that it counts.
        self.done.fetch_add(n, Release);
    }
    // ANCHOR_END: advance

    /// Looks how far it is. Seen from one thread, neither number ever goes back, and `done`
    /// is never more than `total`. The *share* may go back: more work may be announced.
    // ANCHOR: snapshot
    pub fn snapshot(&self) -> Snapshot {
        // ORDERING: Acquire pairs with the Release in `advance`: who sees work as done sees
        // it announced in the load below.
        let done = self.done.load(Acquire);
        // ORDERING: Relaxed. It stays behind the Acquire load above, which says how much it
        // must see at least.
        let total = self.total.load(Relaxed);
        Snapshot { done, total }
    }
    // ANCHOR_END: snapshot

    /// How much is done.
    pub fn done(&self) -> u64 {
        self.snapshot().done
    }

    /// How much there is to do.
    pub fn total(&self) -> u64 {
        self.snapshot().total
    }
}

#[cfg(test)]
mod models;
