//! must say: AT_ONCE: all 3 jobs have ended: somebody was there to run each part
//!
//! Leaves everything to the defaults.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "";

pub const LATER: &str = "";

pub const FOR_ITSELF: &str = "";

// --- to here ---
