//! the model must say: was taken twice
//!
//! Sees that nobody was there, and then stores: somebody else does the same.

#[path = "../../../exercises/06_work_stealing/given/ring.rs"]
pub mod given;

use given::Ring;

// --- edit from here ---

use super::ground::atomic::{
    Ordering::{Acquire, Relaxed, SeqCst},
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

/// Takes the older half of the victim's jobs: returns the oldest, and puts the others into
/// `own`, the ring of the thread that calls.
pub fn steal_half(victim: &Ring, own: &Ring) -> Steal {
    let room = (CAPACITY - own.len()) as isize;
    let start = victim.top.load(Acquire);
    let mut wanted = 1;
    let mut oldest = None;
    let mut top = start;
    while top - start < wanted {
        fence(SeqCst);
        let bottom = victim.bottom.load(Acquire);
        if top >= bottom {
            break;
        }
        if top == start {
            wanted = ((bottom - top + 1) / 2).min(1 + room);
        }
        let job = victim.slot(top).load(Relaxed);
        if victim.top.load(SeqCst) != top {
            return oldest.map_or(Steal::Retry, Steal::Job);
        }
        victim.top.store(top + 1, SeqCst);
        top += 1;
        match oldest {
            None => oldest = Some(job),
            Some(_) => own.push(job).expect("nobody else fills it"),
        }
    }
    oldest.map_or(Steal::Empty, Steal::Job)
}

// --- to here ---
