//! 04.6 (weakest ordering): letters, a box, and a bell.
//!
//! In `exercises/04_explorer/given/bell.rs` a postman puts a letter into a box, marks
//! the box as full, and rings the bell. The owner hears the bell, looks whether the
//! box is full, reads the letter, and marks the box as empty. Then the postman may put
//! in another one. With `SeqCst` everywhere it is right, and dearer than need be.
//!
//! Goal: the weakest orderings with which it is still right. There may be more than one
//! best answer, and any of them will do: nothing of it can be made weaker without
//! something else being made stronger.
//!
//! Weaker means: for a load `Relaxed`, `Acquire`, `SeqCst`; for a store `Relaxed`,
//! `Release`, `SeqCst`; for an addition `Relaxed`, then `Acquire` or `Release`, then
//! `AcqRel`, then `SeqCst`.
//!
//! Edit between the markers only. 6 values, 15 minutes.
//! Stuck? `cargo hint 04.6`, three levels.
//!
//! A failing run prints an interleaving that goes wrong, or for instance:
//! ```text
//! HEAR is SeqCst, and Acquire would do: with it, every schedule still ends well
//! ```

#[path = "../../../exercises/04_explorer/given/bell.rs"]
pub mod given;

// --- edit from here ---

use super::ground::atomic::Ordering::{self, Acquire, Relaxed, Release};

/// The postman marks the box as full.
///
/// Publishes the letter to who looks.
pub const FILL: Ordering = Release;
/// The postman rings the bell.
///
/// Only says that it is worth looking.
//
// As good: to publish by the bell, RING = Release and HEAR = Acquire, with FILL and
// LOOK Relaxed. Rejected: both. One of them orders all that has to be ordered.
pub const RING: Ordering = Relaxed;
/// The owner asks whether the bell was rung.
pub const HEAR: Ordering = Relaxed;
/// The owner looks whether the box is full.
pub const LOOK: Ordering = Acquire;
/// The owner marks the box as empty.
///
/// Says that the letter has been read.
pub const EMPTY: Ordering = Release;
/// The postman looks whether the box is empty again.
pub const REFILL: Ordering = Acquire;

// --- to here ---
