//! must say: AT_ONCE can't be followed: step 1:
//!
//! Main waits for the two.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "0 1 2";

pub const LATER: &str = "1*5 2*3 1*5 2";

pub const FOR_ITSELF: &str = "1*4 2 1*2";

// --- to here ---
