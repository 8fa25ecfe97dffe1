//! must say: is SeqCst, and Relaxed would do
//!
//! The strongest everywhere is never wrong, and never asked for.

#[path = "../../../exercises/04_explorer/given/bell.rs"]
pub mod given;

// --- edit from here ---

use super::ground::atomic::Ordering::{self, SeqCst};

/// The postman marks the box as full.
pub const FILL: Ordering = SeqCst;
/// The postman rings the bell.
pub const RING: Ordering = SeqCst;
/// The owner asks whether the bell was rung.
pub const HEAR: Ordering = SeqCst;
/// The owner looks whether the box is full.
pub const LOOK: Ordering = SeqCst;
/// The owner marks the box as empty.
pub const EMPTY: Ordering = SeqCst;
/// The postman looks whether the box is empty again.
pub const REFILL: Ordering = SeqCst;

// --- to here ---
