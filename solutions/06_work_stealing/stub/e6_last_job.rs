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
use super::ground::atomic::{AtomicIsize, AtomicU32, Ordering::SeqCst, fence};

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
        let b = self.bottom.load(SeqCst);
        self.ring[b as usize].store(job, SeqCst);
        fence(SeqCst);
        self.bottom.store(b + 1, SeqCst);
    }

    /// Takes the job that was pushed last. Only the owner calls this.
    pub fn pop(&self) -> Option<u32> {
        let b = self.bottom.load(SeqCst) - 1;
        self.bottom.store(b, SeqCst);
        fence(SeqCst);
        let t = self.top.load(SeqCst);
        if t < b {
            // More than one: no thief comes as far as this.
            return Some(self.ring[b as usize].load(SeqCst));
        }
        let mut job = None;
        if t == b {
            // The last one, for the owner or for a thief.
            let mine = self.top.compare_exchange(t, t + 1, SeqCst, SeqCst);
            job = mine.ok().map(|_| self.ring[b as usize].load(SeqCst));
        }
        self.bottom.store(b + 1, SeqCst);
        job
    }

    /// Takes the job that was pushed first. `None` if there is none, or if another one was
    /// faster.
    pub fn steal(&self) -> Option<u32> {
        let t = self.top.load(SeqCst);
        fence(SeqCst);
        let b = self.bottom.load(SeqCst);
        if t >= b {
            return None;
        }
        let job = self.ring[t as usize].load(SeqCst);
        let mine = self.top.compare_exchange(t, t + 1, SeqCst, SeqCst);
        mine.ok().map(|_| job)
    }
}

// --- to here ---
