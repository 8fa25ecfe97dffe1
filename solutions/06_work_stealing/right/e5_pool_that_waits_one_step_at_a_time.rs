//! No counts.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "1 2 1 2 1 2 1 2 1 2";

pub const LATER: &str = "1 1 1 1 1 2 2 2 1 1 1 1 1 2 2 2 2 2 1 1 1 1";

pub const FOR_ITSELF: &str = "1 1 1 1 2 1 1 1 2 2";

// --- to here ---
