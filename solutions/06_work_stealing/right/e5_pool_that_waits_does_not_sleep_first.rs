//! The first job does not go to sleep: its part is done when it looks.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "2 1";

pub const LATER: &str = "1*3 2*3 1*4 2";

pub const FOR_ITSELF: &str = "1*4 2 1*3";

// --- to here ---
