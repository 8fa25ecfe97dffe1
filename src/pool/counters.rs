//! What each worker has done: how many jobs it ran, how many of those it took from another,
//! how often it slept.

use std::fmt;
use std::ops::Add;

use crate::ground::atomic::{AtomicU64, Ordering::Relaxed};
use crossbeam_utils::CachePadded;

/// What a worker has done so far.
///
/// A job is counted before it runs. So whoever has waited for a job reads numbers with the
/// job in them; other jobs may or may not be in.
///
/// ```
/// use threadbare::pool::Counters;
///
/// let first = Counters { executed: 3, stolen: 1, parked: 2 };
/// let second = Counters { executed: 4, ..Counters::default() };
/// assert_eq!((first + second).executed, 7);
/// assert_eq!(first.to_string(), "executed 3, stolen 1, parked 2");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// How many jobs it has run, or begun to.
    pub executed: u64,
    /// How many jobs it has taken from another worker's queue.
    pub stolen: u64,
    /// How often it went to sleep because it found nothing.
    pub parked: u64,
}

impl Add for Counters {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            executed: self.executed + other.executed,
            stolen: self.stolen + other.stolen,
            parked: self.parked + other.parked,
        }
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            executed,
            stolen,
            parked,
        } = self;
        write!(f, "executed {executed}, stolen {stolen}, parked {parked}")
    }
}

/// The counters of a worker, which nobody else writes: on a cache line of their own.
#[derive(Debug, Default)]
pub(crate) struct Tally(CachePadded<[AtomicU64; 3]>);

impl Tally {
    /// It runs a job.
    pub(crate) fn executed(&self) {
        self.add(0, 1);
    }

    /// It has stolen this many.
    pub(crate) fn stolen(&self, jobs: u64) {
        self.add(1, jobs);
    }

    /// It goes to sleep.
    pub(crate) fn parked(&self) {
        self.add(2, 1);
    }

    /// There is one writer, so this need not be one step.
    fn add(&self, which: usize, more: u64) {
        let counter = &self.0[which];
        // ORDERING: Relaxed. Nobody else writes it.
        let before = counter.load(Relaxed);
        // ORDERING: Relaxed. A statistic; who waits for a job gets the number with it.
        counter.store(before + more, Relaxed);
    }

    /// What they say now.
    pub(crate) fn read(&self) -> Counters {
        // ORDERING: Relaxed. Statistics, as in `add`.
        let [executed, stolen, parked] =
            [0, 1, 2].map(|which: usize| self.0[which].load(Relaxed));
        Counters {
            executed,
            stolen,
            parked,
        }
    }
}
