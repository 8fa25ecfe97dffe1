//! 07.7 (break it): a connection that nobody hears of any more.
//!
//! Descriptor 5 is registered for one event at a time: the kernel reports one, and no more
//! before somebody arms it again. Then a worker has the connection, and the loop leaves it
//! alone. The two programs are in `exercises/07_event_loop/given/one_shot.rs`. Thread 1 is
//! the loop, thread 2 a worker, thread 3 the client. Thread 0, which is `main`, waits for
//! them.
//!
//! Goal: give three schedules in which something goes wrong. Schedules are written as in
//! chapter 04:
//!
//! ```text
//! 1        thread 1 takes its next step
//! 2*3      thread 2 takes three
//! ```
//!
//! - A request comes in one step. If 5 is armed, that is an event: to report it is another
//!   step, of the same thread.
//! - To arm is a step. If there is something to read, that is an event at once, which is
//!   another step.
//! - The loop gets an event in one step, looks who has the connection in the next, takes it in
//!   a third, and wakes the worker in a fourth.
//! - The worker gets the connection in one step, reads and answers a request in the next, and
//!   lets go in one.
//! - Where there is nothing to get, to go to sleep is a step. Once somebody has woken it, to
//!   wake up is one, and to get it the next.
//!
//! What comes after the end of the schedule is filled in: the same thread goes on as
//! long as it can, then the one with the lowest number.
//!
//! Edit between the markers only. 3 values, 15 minutes.
//! Stuck? `cargo hint 07.7`, three levels.
//!
//! A failing run prints what happened, step by step, and for instance:
//! ```text
//! AT_ONCE: both requests are answered: whenever the loop had an event, the worker had let go
//! ```

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
