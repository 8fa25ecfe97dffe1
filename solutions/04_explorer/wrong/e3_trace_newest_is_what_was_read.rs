//! must say: NEWEST is 0, but the trace says
//!
//! What was read in the place of what was there.

#[path = "../../../exercises/04_explorer/given/newspaper.rs"]
pub mod given;

// --- edit from here ---

/// One step of the trace reads a value that had been overwritten before. Which one?
pub const OLD_STEP: Option<usize> = Some(4);

/// What would that step have read, had it read the newest value?
pub const NEWEST: Option<u32> = Some(0);

/// Two lines of `newspaper.rs` use the same plain memory, and nothing orders them.
pub const UNORDERED: Option<[u32; 2]> = Some([41, 54]);

/// The line of the one operation whose ordering is too weak: made stronger, both the old
/// value and the data race are gone.
pub const TOO_WEAK: Option<u32> = Some(45);

/// A schedule for the same steps in the same order, in which nothing old is read. (The
/// data race is there all the same.) How to write one is said in 04.1.
pub const NOTHING_OLD: &str = "1*2 0*2";

// --- to here ---
