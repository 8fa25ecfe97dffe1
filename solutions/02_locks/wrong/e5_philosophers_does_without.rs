//! must say: POLITE can't be followed: step 8: thread 3 has ended
//!
//! Lets philosopher 3 go on, who has done without.

#[path = "../../../exercises/02_locks/given/philosophers.rs"]
pub mod given;

// --- edit from here ---

/// Philosophers 1, 2 and 3, each of whom takes the left fork first.
pub const LEFT_FIRST: &str = "1 2 3";

/// Philosophers 1, 2 and 3, each of whom looks for the right fork first.
pub const POLITE: &str = "1*3 2*3 3*3";

/// Philosophers 1 and 2, and a waiter.
pub const WAITER: &str = "1*4 2*2 1";

// --- to here ---
