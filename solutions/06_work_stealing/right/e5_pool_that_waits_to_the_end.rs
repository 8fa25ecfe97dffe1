//! Each step is written down.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "1 2 1*4 2*4";

pub const LATER: &str = "1*5 2*3 1*5 2 1*4 2*4";

pub const FOR_ITSELF: &str = "1*4 2 1*3 2*4";

// --- to here ---
