//! the model must say: was taken twice
//!
//! The bottom is older than the top: in between, the owner popped, and another thief was there.

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

/// Takes one, if it is there.
fn steal_one(victim: &Ring) -> (Steal, isize) {
    let bottom = victim.bottom.load(Acquire);
    fence(SeqCst);
    let top = victim.top.load(Acquire);
    if top >= bottom {
        return (Steal::Empty, 0);
    }
    let job = victim.slot(top).load(Relaxed);
    match victim.top.compare_exchange(top, top + 1, SeqCst, Relaxed) {
        Ok(_) => (Steal::Job(job), bottom - top),
        Err(_) => (Steal::Retry, 0),
    }
}

/// Takes the older half of the victim's jobs.
pub fn steal_half(victim: &Ring, own: &Ring) -> Steal {
    let room = (CAPACITY - own.len()) as isize;
    let (first, there) = steal_one(victim);
    for _ in 1..((there + 1) / 2).min(1 + room) {
        let (Steal::Job(job), _) = steal_one(victim) else {
            break;
        };
        own.push(job).unwrap();
    }
    first
}

// --- to here ---
