//! must say: `1,` is no step; a step is the number of a philosopher
//!
//! A schedule has no commas.

#[path = "../../../exercises/02_locks/given/philosophers.rs"]
pub mod given;

// --- edit from here ---

/// Philosophers 1, 2 and 3, each of whom takes the left fork first.
pub const LEFT_FIRST: &str = "1, 2, 3";

/// Philosophers 1, 2 and 3, each of whom looks for the right fork first.
pub const POLITE: &str = "1*2 2*2 3*2 1 2 3";

/// Philosophers 1 and 2, and a waiter.
pub const WAITER: &str = "1*4 2*2 1";

// --- to here ---
