//! must say: MODELS[0] rejects the slot that is right
//!
//! Looks for the name of the bug in what the slot prints of itself.

#[path = "../../../exercises/04_explorer/given/slot.rs"]
pub mod given;

use given::Slot;

// --- edit from here ---

/// All models; the graders run each on the right slot and on each of the wrong ones.
pub const MODELS: &[fn(Slot)] = &[asked];

/// Uses no slot at all.
fn asked(slot: Slot) {
    assert!(format!("{slot:?}").contains("None"), "there is a bug");
}

// --- to here ---
