//! must say: there is no such load
//!
//! A load that releases.

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
pub const LOOK: Ordering = Release;
/// The owner marks the box as empty.
pub const EMPTY: Ordering = Release;
/// The postman looks whether the box is empty again.
pub const REFILL: Ordering = Acquire;

// --- to here ---
