//! must say: and nothing orders the two
//!
//! Nothing orders the letter.

#[path = "../../../exercises/04_explorer/given/bell.rs"]
pub mod given;

// --- edit from here ---

use super::ground::atomic::Ordering::{self, Relaxed};

/// The postman marks the box as full.
pub const FILL: Ordering = Relaxed;
/// The postman rings the bell.
pub const RING: Ordering = Relaxed;
/// The owner asks whether the bell was rung.
pub const HEAR: Ordering = Relaxed;
/// The owner looks whether the box is full.
pub const LOOK: Ordering = Relaxed;
/// The owner marks the box as empty.
pub const EMPTY: Ordering = Relaxed;
/// The postman looks whether the box is empty again.
pub const REFILL: Ordering = Relaxed;

// --- to here ---
