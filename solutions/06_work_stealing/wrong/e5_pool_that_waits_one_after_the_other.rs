//! must say: AT_ONCE: all 3 jobs have ended: somebody was there to run each part
//!
//! One thread goes as far as it can, and then the other one.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "1*5 2*5";

pub const LATER: &str = "1*5 2*3 1*5 2";

pub const FOR_ITSELF: &str = "1*4 2 1*2";

// --- to here ---
