//! must say: NOT_ITS_OWN: the worker has armed 5 before the loop closed it
//!
//! The worker arms its own connection, and then the loop closes it.

#[path = "../../../exercises/07_event_loop/given/one_shot.rs"]
pub mod given;

// --- edit from here ---

/// `arms_then_lets_go`: the second request is there before the worker arms, and nobody ever
/// reads it.
///
/// Both requests come, and are one event. The worker answers the first and arms: the second
/// is an event at once. The loop gets it, sees that a worker has the connection, and waits
/// for the next event. There is none: 5 is not armed.
pub const AT_ONCE: &str = "3*3 1*4 2*4 1*2";

/// `arms_then_lets_go`: the second request comes when the worker has armed, and nobody ever
/// reads it.
//
// Rejected: 3*2 1*4 2*4 3*2 1*2, where the worker has let go before the loop looks. One
// step earlier it has not.
pub const IN_BETWEEN: &str = "3*2 1*4 2*3 3*2 1*2";

/// `lets_go_then_arms`: the worker arms what is not its own any more.
///
/// Once it has let go, the loop may close the connection, and does. So the other order is no
/// cure as long as a worker arms: let the loop do it, which is told by the worker.
pub const NOT_ITS_OWN: &str = "2*3 1*2";

// --- to here ---
