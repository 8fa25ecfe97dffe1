//! must say: LOSES_IN_TURN can't be followed: step 4
//!
//! Takes the old value when there is none to take: in the store.

#[path = "../../../exercises/04_explorer/given/counter.rs"]
pub mod given;

// --- edit from here ---

/// After this schedule the counter should be 1.
pub const LOSES: &str = "1 2 1 2";

/// After this one too. But here thread 1 must have taken both of its steps before
/// thread 2 takes its first: no luck is needed, nobody comes in between.
pub const LOSES_IN_TURN: &str = "1*2 2 2.1";

// --- to here ---
