//! must say: FOR_ITSELF: all 2 jobs have ended
//!
//! The other thread takes the job, and waits for the table, which is all right.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "1 2";

pub const LATER: &str = "1*5 2*3 1*5 2";

pub const FOR_ITSELF: &str = "1*2 2 1*4";

// --- to here ---
