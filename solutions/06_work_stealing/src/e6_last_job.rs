//! 06.6 (weakest ordering): a deque that is right, and pays at each step.
//!
//! Its owner pushes and pops at the bottom, a thief steals from the top. As long as there
//! are several jobs they do not meet. For the last one both exchange `top`, and one of
//! them gets it. All orderings are `SeqCst`, and there are fences besides: that is right,
//! and dearer than need be.
//!
//! Goal: it stays right, and no ordering in it is stronger than it has to be: whichever
//! you weaken by one step, some job is run twice, or run by one who does not see what the
//! owner wrote before it pushed it. There is more than one best answer, and any of them
//! will do.
//!
//! - What is done, and when, stays as it is, and so do the types (another operation of the
//!   same effect is fine). Orderings may be changed, fences taken out and put in.
//! - One step weaker is: for a load `SeqCst`, `Acquire`, `Relaxed`; for a store
//!   `SeqCst`, `Release`, `Relaxed`; for an exchange or a fence `SeqCst`, `AcqRel`, then
//!   `Acquire` or `Release`, then `Relaxed`, or no fence.
//! - One thread pushes and pops, others steal. The ring does not come round: there is room
//!   for all the jobs that a deque will ever have at once.
//! - The explorer runs all that is `SeqCst` in one order, which everybody keeps to; some
//!   machines do not (*What a pass means*, in chapter 04). So where `steal` has no `SeqCst`
//!   fence, its look at `top` must be `Acquire` at least, and may be `SeqCst`.
//!
//! Edit between the markers only. About 12 lines, 30 minutes.
//! Stuck? `cargo hint 06.6`, three levels.
//!
//! A failing run prints an interleaving that goes wrong, or for instance:
//! ```text
//! line 63, bottom.load: SeqCst is stronger than it has to be, Acquire would do
//! ```

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicIsize, AtomicU32,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence,
};

/// As many jobs find room.
pub const ROOM: usize = 4;

/// Their names in a report.
const SLOTS: [&str; ROOM] = ["slot 0", "slot 1", "slot 2", "slot 3"];

/// Jobs, as numbers: those from `top` up to `bottom`.
#[derive(Debug)]
pub struct Deque {
    top: AtomicIsize,
    bottom: AtomicIsize,
    ring: [AtomicU32; ROOM],
}

impl Deque {
    /// A deque without a job.
    pub fn new() -> Self {
        Self {
            top: AtomicIsize::new(0).named("top"),
            bottom: AtomicIsize::new(0).named("bottom"),
            ring: std::array::from_fn(|n| AtomicU32::new(0).named(SLOTS[n])),
        }
    }

    /// Adds a job. Only the owner calls this.
    pub fn push(&self, job: u32) {
        // ORDERING: Relaxed. Only this thread stores it.
        let b = self.bottom.load(Relaxed);
        // ORDERING: Relaxed. Nobody looks before `bottom` says that there is a job.
        self.ring[b as usize].store(job, Relaxed);
        // ORDERING: Release publishes the job, and what it needs; pairs with the Acquire
        // load in `steal`.
        self.bottom.store(b + 1, Release);
    }

    /// Takes the job that was pushed last. Only the owner calls this.
    pub fn pop(&self) -> Option<u32> {
        // ORDERING: Relaxed. Only this thread stores it.
        let b = self.bottom.load(Relaxed) - 1;
        // ORDERING: Release, though it counts one job less: a thief that reads it learns of
        // those below, and must see what they need. Pairs with the Acquire load in `steal`.
        //
        // As good: a Release fence in `push`, before it stores `bottom`, which publishes
        // with each store behind it, and then Relaxed for all of them.
        // Rejected: Relaxed here, and Release in `push` alone.
        self.bottom.store(b, Release);
        // ORDERING: SeqCst, with the fence in `steal`. Forbidden is that this thread reads
        // an old `top`, and a thief an old `bottom`: then both take the same job, this one
        // without an exchange.
        fence(SeqCst);
        // ORDERING: Relaxed, behind the fence. Nothing that a thief did is used.
        let t = self.top.load(Relaxed);
        if t < b {
            // More than one: no thief comes as far as this.
            // ORDERING: Relaxed. This thread wrote it.
            return Some(self.ring[b as usize].load(Relaxed));
        }
        let mut job = None;
        if t == b {
            // The last one, for the owner or for a thief.
            // ORDERING: Relaxed. Exchanges of one word have one order, and one of two gets
            // it; nothing is handed over.
            let mine = self.top.compare_exchange(t, t + 1, Relaxed, Relaxed);
            // ORDERING: Relaxed. This thread wrote it.
            job = mine.ok().map(|_| self.ring[b as usize].load(Relaxed));
        }
        // ORDERING: Relaxed. There is no job below it.
        self.bottom.store(b + 1, Relaxed);
        job
    }

    /// Takes the job that was pushed first. `None` if there is none, or if another one was
    /// faster.
    pub fn steal(&self) -> Option<u32> {
        // ORDERING: Relaxed, before the fence.
        let t = self.top.load(Relaxed);
        // ORDERING: SeqCst, with the fence in `pop`.
        fence(SeqCst);
        // ORDERING: Acquire takes up what was written before `push`; pairs with the stores
        // of `push` and `pop`.
        let b = self.bottom.load(Acquire);
        if t >= b {
            return None;
        }
        // ORDERING: Relaxed. `bottom` has told of it.
        let job = self.ring[t as usize].load(Relaxed);
        // ORDERING: Relaxed, as in `pop`.
        let mine = self.top.compare_exchange(t, t + 1, Relaxed, Relaxed);
        mine.ok().map(|_| job)
    }
}

// --- to here ---
