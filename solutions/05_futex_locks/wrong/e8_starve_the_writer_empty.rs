//! must say: NEVER_FREE: the writer asks in step 1, nobody is inside, and it gets the lock at once: it must ask while a reader is inside
//!
//! Leaves everything to the defaults.

#[path = "../../../exercises/05_futex_locks/given/readers_first.rs"]
pub mod given;

// --- edit from here ---

/// The writer goes to sleep after the first read has begun, and before any other has.
/// From then on the lock is never free until all six reads are over.
pub const NEVER_FREE: &str = "";

/// The writer is woken twice, since the lock is free, and each time a reader is inside
/// when it asks.
pub const WOKEN_IN_VAIN: &str = "";

// --- to here ---
