//! must say: LATER: nobody can go on, and 0 of the 3 jobs have ended: it has to be 1
//!
//! The schedule of the first for the second.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "1 2";

pub const LATER: &str = "1 2";

pub const FOR_ITSELF: &str = "1*4 2 1*2";

// --- to here ---
