//! must say: POLITE lets everybody get up again: each of them finds the right fork there
//!
//! The schedule of the first table, with looks.

#[path = "../../../exercises/02_locks/given/philosophers.rs"]
pub mod given;

// --- edit from here ---

/// Philosophers 1, 2 and 3, each of whom takes the left fork first.
pub const LEFT_FIRST: &str = "1 2 3";

/// Philosophers 1, 2 and 3, each of whom looks for the right fork first.
pub const POLITE: &str = "1*6 2*6 3*6";

/// Philosophers 1 and 2, and a waiter.
pub const WAITER: &str = "1*4 2*2 1";

// --- to here ---
