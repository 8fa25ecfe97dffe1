//! must say: nothing orders the two
//!
//! `pop` counts the job below, too, and a thief may read that store.

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
        let b = self.bottom.load(Relaxed);
        self.ring[b as usize].store(job, Relaxed);
        self.bottom.store(b + 1, Release);
    }

    /// Takes the job that was pushed last. Only the owner calls this.
    pub fn pop(&self) -> Option<u32> {
        let b = self.bottom.load(Relaxed) - 1;
        self.bottom.store(b, Relaxed);
        fence(SeqCst);
        let t = self.top.load(Relaxed);
        if t < b {
            return Some(self.ring[b as usize].load(Relaxed));
        }
        let mut job = None;
        if t == b {
            let mine = self.top.compare_exchange(t, t + 1, Relaxed, Relaxed);
            job = mine.ok().map(|_| self.ring[b as usize].load(Relaxed));
        }
        self.bottom.store(b + 1, Relaxed);
        job
    }

    /// Takes the job that was pushed first. `None` if there is none, or if another one was
    /// faster.
    pub fn steal(&self) -> Option<u32> {
        let t = self.top.load(Relaxed);
        fence(SeqCst);
        let b = self.bottom.load(Acquire);
        if t >= b {
            return None;
        }
        let job = self.ring[t as usize].load(Relaxed);
        let mine = self.top.compare_exchange(t, t + 1, Relaxed, Relaxed);
        mine.ok().map(|_| job)
    }
}

// --- to here ---
