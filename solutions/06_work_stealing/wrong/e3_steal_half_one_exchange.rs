//! the model must say: was taken twice
//!
//! One exchange for all of them: the owner may have popped the last of these, without one.

#[path = "../../../exercises/06_work_stealing/given/ring.rs"]
pub mod given;

use given::Ring;

// --- edit from here ---

use super::ground::atomic::{
    Ordering::{self, Acquire, Relaxed, Release, SeqCst},
    fence,
};
use given::CAPACITY;

/// What came of an attempt to steal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steal {
    /// There was nothing.
    Empty,
    /// There was something, and somebody else got it first.
    Retry,
    /// The oldest job.
    Job(u32),
}

/// Takes the older half of the victim's jobs.
pub fn steal_half(victim: &Ring, own: &Ring) -> Steal {
    let room = (CAPACITY - own.len()) as isize;
    let top = victim.top.load(Acquire);
    fence(SeqCst);
    let bottom = victim.bottom.load(Acquire);
    if top >= bottom {
        return Steal::Empty;
    }
    let wanted = ((bottom - top + 1) / 2).min(1 + room);
    let jobs: Vec<u32> = (top..top + wanted)
        .map(|index| victim.slot(index).load(Relaxed))
        .collect();
    let ours = victim
        .top
        .compare_exchange(top, top + wanted, SeqCst, Relaxed);
    if ours.is_err() {
        return Steal::Retry;
    }
    for job in &jobs[1..] {
        own.push(*job).unwrap();
    }
    Steal::Job(jobs[0])
}

// --- to here ---
