//! Right: a steal of one, as often as half of what was there at first.

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

/// Takes the oldest; says how many there were.
fn steal_one(victim: &Ring) -> (Steal, usize) {
    let top = victim.top.load(Acquire);
    fence(SeqCst);
    let bottom = victim.bottom.load(Acquire);
    if top >= bottom {
        return (Steal::Empty, 0);
    }
    let job = victim.slot(top).load(Relaxed);
    let ours = victim.top.compare_exchange(top, top + 1, SeqCst, Relaxed);
    match ours {
        Ok(_) => (Steal::Job(job), (bottom - top) as usize),
        Err(_) => (Steal::Retry, 0),
    }
}

/// Takes the older half of the victim's jobs.
pub fn steal_half(victim: &Ring, own: &Ring) -> Steal {
    let (first, there) = steal_one(victim);
    for _ in 1..there.div_ceil(2) {
        if own.len() == CAPACITY {
            break;
        }
        match steal_one(victim) {
            (Steal::Job(job), _) => own.push(job).unwrap(),
            _ => break,
        }
    }
    first
}

// --- to here ---
