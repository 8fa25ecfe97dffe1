//! the model must say: and job 1 is the oldest
//!
//! Pops from the victim, as only its owner may.

#[path = "../../../exercises/06_work_stealing/given/ring.rs"]
pub mod given;

use given::Ring;

// --- edit from here ---

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
    let wanted = victim.len().div_ceil(2).min(1 + CAPACITY - own.len());
    let Some(first) = victim.pop() else {
        return Steal::Empty;
    };
    for _ in 1..wanted {
        if let Some(job) = victim.pop() {
            own.push(job).unwrap();
        }
    }
    Steal::Job(first)
}

// --- to here ---
