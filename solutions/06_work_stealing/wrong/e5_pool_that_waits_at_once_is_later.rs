//! must say: AT_ONCE: nobody can go on, but thread 2 has run part 3 before: none is to be run
//!
//! The schedule of the second for the first.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "1*5 2*3 1*5 2";

pub const LATER: &str = "1*5 2*3 1*5 2";

pub const FOR_ITSELF: &str = "1*4 2 1*2";

// --- to here ---
