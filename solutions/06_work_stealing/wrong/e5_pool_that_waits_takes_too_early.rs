//! must say: LATER: all 3 jobs have ended: somebody was there to run each part
//!
//! Thread 2 takes a job before the first one has ended.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "1 2";

pub const LATER: &str = "1*5 2*4";

pub const FOR_ITSELF: &str = "1*4 2 1*2";

// --- to here ---
