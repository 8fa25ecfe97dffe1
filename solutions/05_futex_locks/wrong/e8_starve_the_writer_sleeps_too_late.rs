//! must say: NEVER_FREE: 2 of the 6 reads have begun when the writer goes to sleep, in step 6: let it ask, and sleep, when only one has
//!
//! The writer comes when three reads have begun.

#[path = "../../../exercises/05_futex_locks/given/readers_first.rs"]
pub mod given;

// --- edit from here ---

/// The writer goes to sleep after the first read has begun, and before any other has.
/// From then on the lock is never free until all six reads are over.
pub const NEVER_FREE: &str = "2*3 3 1*2 2*2 3*2 2 3*2 3";

/// The writer is woken twice, since the lock is free, and each time a reader is inside
/// when it asks.
pub const WOKEN_IN_VAIN: &str = "2 1*2 2*2 3 1*3 3*2 2 1*2";

// --- to here ---
