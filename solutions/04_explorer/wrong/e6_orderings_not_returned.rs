//! must say: and nothing orders the two
//!
//! The letter is published, but not that it has been read.

#[path = "../../../exercises/04_explorer/given/bell.rs"]
pub mod given;

// --- edit from here ---

use super::ground::atomic::Ordering::{self, Acquire, Relaxed, Release};

/// The postman marks the box as full.
pub const FILL: Ordering = Release;
/// The postman rings the bell.
pub const RING: Ordering = Relaxed;
/// The owner asks whether the bell was rung.
pub const HEAR: Ordering = Relaxed;
/// The owner looks whether the box is full.
pub const LOOK: Ordering = Acquire;
/// The owner marks the box as empty.
pub const EMPTY: Ordering = Relaxed;
/// The postman looks whether the box is empty again.
pub const REFILL: Ordering = Acquire;

// --- to here ---
