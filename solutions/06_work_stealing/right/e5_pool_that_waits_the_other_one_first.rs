//! The threads have changed places.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "2 1";

pub const LATER: &str = "2*5 1*3 2*5 1";

pub const FOR_ITSELF: &str = "2*4 1 2*2";

// --- to here ---
