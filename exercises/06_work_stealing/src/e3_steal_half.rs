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
    todo!("take the older half from {victim:?}, all but one into {own:?}")
}

// --- to here ---
