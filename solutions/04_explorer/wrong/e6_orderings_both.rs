//! must say: would do: with it, every schedule still ends well
//!
//! Box and bell both publish.

#[path = "../../../exercises/04_explorer/given/bell.rs"]
pub mod given;

// --- edit from here ---

use super::ground::atomic::Ordering::{self, Acquire, Release};

/// The postman marks the box as full.
pub const FILL: Ordering = Release;
/// The postman rings the bell.
pub const RING: Ordering = Release;
/// The owner asks whether the bell was rung.
pub const HEAR: Ordering = Acquire;
/// The owner looks whether the box is full.
pub const LOOK: Ordering = Acquire;
/// The owner marks the box as empty.
pub const EMPTY: Ordering = Release;
/// The postman looks whether the box is empty again.
pub const REFILL: Ordering = Acquire;

// --- to here ---
