//! Right: thread 2 first, and the old value read by its rival.

#[path = "../../../exercises/04_explorer/given/counter.rs"]
pub mod given;

// --- edit from here ---

/// After this schedule the counter should be 1.
pub const LOSES: &str = "2 1 2 1";

/// After this one too. But here thread 1 must have taken both of its steps before
/// thread 2 takes its first: no luck is needed, nobody comes in between.
pub const LOSES_IN_TURN: &str = "1 1 2.1 2";

// --- to here ---
