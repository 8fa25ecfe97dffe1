//! must say: FOR_ITSELF: all 2 jobs have ended
//!
//! Finds its own part, and runs it.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "1 2";

pub const LATER: &str = "1*5 2*3 1*5 2";

pub const FOR_ITSELF: &str = "1*7";

// --- to here ---
