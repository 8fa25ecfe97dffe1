//! A barrier: nobody goes on until all have come.
//!
//! # Round after round
//! A barrier is used again, and that is where it goes wrong. Say it is a count: the last to
//! come sets it back to zero and wakes the others, who wait while it is not zero. One of
//! them is slow to wake up. Meanwhile a fast one is back for the next round, and the count
//! is one. The slow one wakes, finds "not zero" and sleeps again, in a round that is over;
//! the fast one waits for it in the next. Both sleep for ever. (The book plays this step by
//! step; here it is the wrong version `NoRounds` in `models.rs`.)
//!
//! So a waiter must wait for the end of *its* round. Here each thread draws a number when it
//! comes, which also says the round, and one more number says how many rounds are over.
//! Drawing it is one step, so more threads than fit into a round can come at once: the rest
//! are in the next.

use std::fmt;

use crate::ground::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{AcqRel, Acquire, Release},
};
use crate::ground::{const_new, futex};

/// Lets so many threads wait for each other; the same as [`std::sync::Barrier`].
///
/// # Example
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use std::thread;
/// use threadbare::sync::Barrier;
///
/// let (barrier, done) = (Barrier::new(3), AtomicU32::new(0));
/// thread::scope(|scope| {
///     for _ in 0..3 {
///         scope.spawn(|| {
///             // ORDERING: Relaxed, here and below: the barrier orders it.
///             done.fetch_add(1, Relaxed);
///             barrier.wait();
///             // ORDERING: as above.
///             assert_eq!(done.load(Relaxed), 3);
///         });
///     }
/// });
/// ```
// ANCHOR: barrier
pub struct Barrier {
    threads: usize,
    /// How many threads have come, in all rounds. 64 bits do not run out.
    came: AtomicU64,
    /// How many rounds are over, modulo 2^32.
    rounds: AtomicU32,
}

impl Barrier {
    const_new! {
        /// A barrier for so many threads at a time. 0 is the same as 1: nobody waits.
        #[must_use]
        #[inline]
        pub fn new(n: usize) -> Self {
            Self {
                threads: n,
                came: AtomicU64::new(0),
                rounds: AtomicU32::new(0),
            }
        }
    }

    /// Waits until as many threads have called this as the barrier is for. Then all of them
    /// go on, and the next round begins.
    ///
    /// One of them is told that it [leads](BarrierWaitResult::is_leader): the last to come.
    ///
    /// # Blocking
    /// Sleeps until the last one has come. Spurious wakes are absorbed.
    /// # Memory ordering
    /// All that came before the call of each thread in a round happens-before the return of
    /// every one of them.
    /// # Cost
    /// One read-modify-write for each thread, and a system call if it sleeps; for the last
    /// one two, and a system call.
    pub fn wait(&self) -> BarrierWaitResult {
        let threads = self.threads.max(1) as u64;
        // ORDERING: AcqRel. Release: what came before is there for the last one, who reads
        // this or a later number. Acquire: pairs with that Release, in `wait`, if this is the last.
        let number = self.came.fetch_add(1, AcqRel);
        if number % threads == threads - 1 {
            // ORDERING: Release pairs with the Acquire below, in `wait`: who sees the end of
            // the round sees all that the last one has seen.
            self.rounds.fetch_add(1, Release);
            futex::wake_all(&self.rounds);
            return BarrierWaitResult(true);
        }
        let mine = (number / threads) as u32;
        loop {
            // ORDERING: Acquire pairs with the Release above, in `wait`.
            let over = self.rounds.load(Acquire);
            // As a distance, so that the number may run over.
            if over.wrapping_sub(mine).cast_signed() > 0 {
                return BarrierWaitResult(false);
            }
            futex::wait(&self.rounds, over);
        }
    }
}
// ANCHOR_END: barrier

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}

/// Whether the thread that has got this from [`Barrier::wait`] leads.
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether this is the one thread in its round that is told so.
    ///
    /// ```
    /// assert!(threadbare::sync::Barrier::new(1).wait().is_leader());
    /// ```
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl fmt::Debug for BarrierWaitResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWaitResult")
            .field("is_leader", &self.is_leader())
            .finish()
    }
}

#[cfg(test)]
mod models;
