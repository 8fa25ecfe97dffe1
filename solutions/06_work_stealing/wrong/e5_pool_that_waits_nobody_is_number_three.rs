//! must say: AT_ONCE can't be followed: step 1
//!
//! There are two workers.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "3 1";

pub const LATER: &str = "1*5 2*3 1*5 2";

pub const FOR_ITSELF: &str = "1*4 2 1*2";

// --- to here ---
