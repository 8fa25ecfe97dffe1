//! must say: NEVER_FREE: the writer asks in step 2, and does not go to sleep: by the step in which it would, there are not as many inside as it has seen, so it ask
//!
//! The writer asks, and is not let go to sleep; when it is, it is too late.

#[path = "../../../exercises/05_futex_locks/given/readers_first.rs"]
pub mod given;

// --- edit from here ---

/// The writer goes to sleep after the first read has begun, and before any other has.
/// From then on the lock is never free until all six reads are over.
pub const NEVER_FREE: &str = "2 1 3 2*2 3*2 2*2 3*2 2 3";

/// The writer is woken twice, since the lock is free, and each time a reader is inside
/// when it asks.
pub const WOKEN_IN_VAIN: &str = "2 1*2 2*2 3 1*3 3*2 2 1*2";

// --- to here ---
