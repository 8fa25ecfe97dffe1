//! 02.5 (break it): philosophers at three tables.
//!
//! Philosophers sit at a round table, with a fork between each two of them, and each
//! needs the two beside it to eat. `exercises/02_locks/given/philosophers.rs` has three
//! tables. At the first, each takes the left fork and then the right one. At the
//! second, each looks first whether the right one is there. At the third, there is a
//! waiter. Each of them works nearly always.
//!
//! Goal: for each table, give a schedule after which nobody can go on. A schedule is a
//! list of steps:
//!
//! ```text
//! 1        philosopher 1 takes its next step
//! 1*2      philosopher 1 takes two
//! ```
//!
//! To lock is a step, and so is to unlock. Who asks for a lock that is taken has used its
//! step for that, and gets no other before the lock is free. A `try_lock` is a step; if
//! it succeeds, there is another one to unlock. A guard that is kept to the end of a
//! block is unlocked there, the newest first.
//!
//! What comes after the end of the schedule is filled in: the same philosopher goes on
//! as long as it can, then the one with the lowest number.
//!
//! Edit between the markers only. 3 values, 10 minutes.
//! Stuck? `cargo hint 02.5`, three levels.
//!
//! A failing run prints what happened, step by step, and for instance:
//! ```text
//! LEFT_FIRST lets all three philosophers eat: which fork must each of them hold, so that
//! each waits for its neighbour?
//! ```

#[path = "../../../exercises/02_locks/given/philosophers.rs"]
pub mod given;

// --- edit from here ---

/// Philosophers 1, 2 and 3, each of whom takes the left fork first.
pub const LEFT_FIRST: &str = "1*4 2*4 3*4";

/// Philosophers 1, 2 and 3, each of whom looks for the right fork first.
pub const POLITE: &str = "1*6 2*6 3*6";

/// Philosophers 1 and 2, and a waiter.
pub const WAITER: &str = "1*8 2*8";

// --- to here ---
