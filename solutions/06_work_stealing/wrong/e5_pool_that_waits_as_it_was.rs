//! must say: AT_ONCE: all 3 jobs have ended: somebody was there to run each part
//!
//! The schedules of the stub.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "1*3 2*3";

pub const LATER: &str = "1*5 2*3";

pub const FOR_ITSELF: &str = "1*5 2";

// --- to here ---
