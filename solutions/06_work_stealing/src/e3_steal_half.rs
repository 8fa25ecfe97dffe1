//! 06.3 (implement): half of what somebody else has.
//!
//! A worker that has nothing to do takes the older half of another one's jobs: the oldest
//! for itself, at once, and the others into its own ring. The victim does not stop for
//! that: it pushes, and it pops from the other end, and as long as there is more than one
//! job it pops without an exchange. Nobody tells it that a thief is there.
//!
//! Goal:
//!
//! - `steal_half` takes the oldest job, and returns it. If the victim has n jobs and nobody
//!   interferes, it takes the older half of them, n / 2 rounded up, and puts all but the
//!   oldest into `own`, the older ones first. If there is not enough room, it takes as many
//!   as `own` has room for besides the oldest, and leaves the others where they are.
//! - No job is lost, and none is taken twice, whatever the victim's owner and other thieves
//!   do in the meantime; and whoever gets a job sees what was done before it was pushed.
//! - `Empty` says that there was nothing; `Retry` that there was something, and somebody
//!   else got it first. Whoever has taken a job says neither.
//! - It waits for nobody, and takes no lock.
//!
//! The ring is given, in `exercises/06_work_stealing/given/ring.rs`: read how its `pop`
//! decides that it needs no exchange. `own` is the ring of the thread that calls, which may
//! do with it what its owner may. Nobody else pushes into it, but others may steal from it.
//!
//! Edit between the markers only. About 25 lines, 30 minutes.
//! Stuck? `cargo hint 06.3`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! job 3 was taken twice
//! ```

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
    // Only this thread pushes into it, so there is never less room than now.
    let room = (CAPACITY - own.len()) as isize;
    // ORDERING: Acquire. What the thief before has seen, and took away; pairs with the
    // exchange below.
    let start = victim.top.load(Acquire);
    let mut wanted = 1;
    let mut oldest = None;
    let mut top = start;
    // Rejected: one exchange, from `top` to behind the last one. The owner pops without
    // one as long as it sees more than one job, and so it may take the second of ours
    // before we have moved `top`, and would never know. Only the job *at* `top` is ours by
    // an exchange. And between two of them we have to look at the bottom again.
    while top - start < wanted {
        // ORDERING: SeqCst. The owner moves `bottom` and then looks at `top`; we have moved
        // `top`, or read it, and then look at `bottom`. One of the two sees the other:
        // pairs with the fence in `pop`.
        fence(SeqCst);
        // ORDERING: Acquire takes the jobs up; pairs with the store in `push`.
        let bottom = victim.bottom.load(Acquire);
        if top >= bottom {
            break;
        }
        if top == start {
            wanted = ((bottom - top + 1) / 2).min(1 + room);
        }
        // Before the exchange. After it, the owner may put another one there.
        // ORDERING: Relaxed. Published by the bottom.
        let job = victim.slot(top).load(Relaxed);
        // ORDERING: SeqCst, for the pop of the last one; pairs with the exchange in `pop`.
        // Relaxed: what has been lost is not looked at.
        let ours = victim.top.compare_exchange(top, top + 1, SeqCst, Relaxed);
        if ours.is_err() {
            return oldest.map_or(Steal::Retry, Steal::Job);
        }
        top += 1;
        match oldest {
            None => oldest = Some(job),
            Some(_) => own.push(job).expect("nobody else fills it"),
        }
    }
    oldest.map_or(Steal::Empty, Steal::Job)
}

// --- to here ---
