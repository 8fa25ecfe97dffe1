//! must say: AT_ONCE: both requests are answered: whenever the loop had an event, the worker had let go
//!
//! The stub.

#[path = "../../../exercises/07_event_loop/given/one_shot.rs"]
pub mod given;

// --- edit from here ---

/// `arms_then_lets_go`: the second request is there before the worker arms, and nobody ever
/// reads it.
pub const AT_ONCE: &str = "3*3 1*4 2*2";

/// `arms_then_lets_go`: the second request comes when the worker has armed, and nobody ever
/// reads it.
pub const IN_BETWEEN: &str = "3*2 1*4 2*4 3*2";

/// `lets_go_then_arms`: the worker arms what is not its own any more.
pub const NOT_ITS_OWN: &str = "2*3 1*2";

// --- to here ---
