//! must say: LATER: all 3 jobs have ended
//!
//! The next job gives its part before the other thread has taken one, too.

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

pub const AT_ONCE: &str = "1 2";

pub const LATER: &str = "1*5 2*3 1*7 2";

pub const FOR_ITSELF: &str = "1*4 2 1*2";

// --- to here ---
