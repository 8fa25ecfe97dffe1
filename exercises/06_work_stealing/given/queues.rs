//! Given for 06.7: a worker's queue, and a bell for workers that sleep.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Release},
};
use super::super::ground::{Named as _, futex};

/// The jobs of one worker.
///
/// Each call is one step. In a report it shows as an addition to `queue`: the lock behind
/// it is one that the model checker does not see, and that nobody waits for there.
#[derive(Debug)]
pub struct Queue<J> {
    calls: AtomicU32,
    jobs: Mutex<VecDeque<J>>,
}

impl<J> Queue<J> {
    /// A queue without a job.
    pub fn new() -> Self {
        Self {
            calls: AtomicU32::new(0).named("queue"),
            jobs: Mutex::new(VecDeque::new()),
        }
    }

    #[track_caller]
    fn jobs(&self) -> MutexGuard<'_, VecDeque<J>> {
        // ORDERING: AcqRel, as a lock would have it: who calls later sees what was done
        // before. Pairs with itself.
        self.calls.fetch_add(1, AcqRel);
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds jobs, all in one step.
    #[track_caller]
    pub fn push_all(&self, jobs: impl IntoIterator<Item = J>) {
        self.jobs().extend(jobs);
    }

    /// Takes the newest job, as its own worker does.
    #[track_caller]
    pub fn pop(&self) -> Option<J> {
        self.jobs().pop_back()
    }

    /// Takes the oldest job, as a thief does.
    #[track_caller]
    pub fn steal(&self) -> Option<J> {
        self.jobs().pop_front()
    }

    /// Whether there is no job, at this moment.
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        self.jobs().is_empty()
    }

    /// How many jobs there are, at this moment.
    #[track_caller]
    pub fn len(&self) -> usize {
        self.jobs().len()
    }
}

/// What workers sleep on.
#[derive(Debug)]
pub struct Bell {
    /// How often it has rung.
    rings: AtomicU32,
}

impl Bell {
    /// A bell that has not rung yet.
    pub fn new() -> Self {
        Self {
            rings: AtomicU32::new(0).named("bell"),
        }
    }

    /// How often it has rung so far.
    #[track_caller]
    pub fn rings(&self) -> u32 {
        // ORDERING: Acquire pairs with the additions in `ring_for_one` and `ring_for_all`.
        self.rings.load(Acquire)
    }

    /// Sleeps until the bell wakes this thread, unless it has rung since it had rung
    /// `rings` times. May return for no reason.
    #[track_caller]
    pub fn sleep(&self, rings: u32) {
        futex::wait(&self.rings, rings);
    }

    /// Wakes one of those that sleep. Who is about to sleep does not.
    #[track_caller]
    pub fn ring_for_one(&self) {
        // ORDERING: Release pairs with the load in `rings`.
        self.rings.fetch_add(1, Release);
        futex::wake_one(&self.rings);
    }

    /// Wakes all that sleep. Who is about to sleep does not.
    #[track_caller]
    pub fn ring_for_all(&self) {
        // ORDERING: Release, as above.
        self.rings.fetch_add(1, Release);
        futex::wake_all(&self.rings);
    }
}
