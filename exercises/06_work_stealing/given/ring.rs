//! Given for 06.3: the ring of a worker. Its owner pushes and pops at the bottom, and
//! others take from the top. Jobs are numbers, from 1.

use super::super::ground::Named as _;
use super::super::ground::atomic::{
    AtomicIsize, AtomicU32,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence,
};

/// How many jobs there is room for.
pub const CAPACITY: usize = 8;

/// What reports call the slots.
const SLOTS: [&str; CAPACITY] = [
    "slot 0", "slot 1", "slot 2", "slot 3", "slot 4", "slot 5", "slot 6", "slot 7",
];

/// The jobs of a worker: those from `top` to before `bottom`, each in the slot of its
/// index.
#[derive(Debug)]
pub struct Ring {
    /// The index of the oldest job. It only goes up, by one, by the compare-exchange of
    /// whoever takes that job.
    pub top: AtomicIsize,
    /// The index behind the newest job. Only the owner stores it; while the owner finds out
    /// that nothing is left, it is one below `top`.
    pub bottom: AtomicIsize,
    slots: [AtomicU32; CAPACITY],
}

impl Ring {
    /// No jobs.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// These jobs, the oldest first; there must be room for them.
    pub fn with(jobs: &[u32]) -> Self {
        assert!(jobs.len() <= CAPACITY, "there is no room for so many jobs");
        let mut left = jobs.iter();
        let mut next = || left.next().copied().unwrap_or(0);
        Self {
            top: AtomicIsize::new(0).named("top"),
            bottom: AtomicIsize::new(jobs.len() as isize).named("bottom"),
            slots: SLOTS.map(|name| AtomicU32::new(next()).named(name)),
        }
    }

    /// The slot of the job with this index, and of each one that is a multiple of
    /// [`CAPACITY`] away.
    pub fn slot(&self, index: isize) -> &AtomicU32 {
        &self.slots[index.rem_euclid(CAPACITY as isize) as usize]
    }

    /// Adds a job at the bottom; gives it back if there is no room. Only for the owner.
    ///
    /// What the owner has done before is visible to whoever takes the job.
    #[track_caller]
    pub fn push(&self, job: u32) -> Result<(), u32> {
        // ORDERING: Relaxed. Only this thread stores it.
        let bottom = self.bottom.load(Relaxed);
        // ORDERING: Acquire pairs with the exchange in `steal_half`: whoever took the job
        // of this slot has read it before it is overwritten.
        if bottom - self.top.load(Acquire) >= CAPACITY as isize {
            return Err(job);
        }
        // ORDERING: Relaxed. Published by the store below.
        self.slot(bottom).store(job, Relaxed);
        // ORDERING: Release publishes the job; pairs with the load in `steal_half`.
        self.bottom.store(bottom + 1, Release);
        Ok(())
    }

    /// Takes the newest job, without an exchange unless it is the only one. Only for the
    /// owner.
    #[track_caller]
    pub fn pop(&self) -> Option<u32> {
        // ORDERING: Relaxed. Only this thread stores it.
        let bottom = self.bottom.load(Relaxed) - 1;
        // ORDERING: Release, for the jobs below, as in `push`.
        self.bottom.store(bottom, Release);
        // ORDERING: SeqCst. Either this thread sees how far `top` has gone, or whoever
        // moves it sees that the bottom has come up: pairs with a fence in `steal_half`.
        fence(SeqCst);
        // ORDERING: Relaxed. The fence orders it.
        let top = self.top.load(Relaxed);
        let mut job = None;
        if top <= bottom {
            // ORDERING: Relaxed. This thread has stored it.
            job = Some(self.slot(bottom).load(Relaxed));
            if top < bottom {
                return job;
            }
            // ORDERING: SeqCst and Relaxed. Who gets the last one? Pairs with `steal_half`.
            let last = self.top.compare_exchange(top, top + 1, SeqCst, Relaxed);
            if last.is_err() {
                job = None;
            }
        }
        // ORDERING: Release, as above. Nothing is left; both indices meet again.
        self.bottom.store(bottom + 1, Release);
        job
    }

    /// How many jobs there are. Others than the owner may be told of a moment that has
    /// passed; for the owner, there are never more.
    #[track_caller]
    pub fn len(&self) -> usize {
        // ORDERING: Relaxed, both. A number; nothing is read because of it.
        let (bottom, top) = (self.bottom.load(Relaxed), self.top.load(Relaxed));
        usize::try_from(bottom - top).unwrap_or(0)
    }

    /// Whether there are none; as [`len`](Self::len).
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
