//! 01.4 (break it): the schedule that loses an update.
//!
//! Two threads, A and B, share a counter, and each does `counter = counter + 1`.
//! That is three steps: load the counter, add 1, store the result. Each step is
//! atomic, so there is no data race; but nothing says that no other thread comes in
//! between.
//!
//! Goal: be the scheduler. A schedule is a string of the letters A and B (spaces are
//! free); each letter lets that thread take its next step, until both are done:
//!
//! ```text
//! A A A B B B
//! step   A          B          counter
//!    1   load 0                      0
//!    2   add: 1                      0
//!    3   store 1                     1
//!    4              load 1           1
//!    5              add: 2           1
//!    6              store 2          2      <- nothing is lost
//! ```
//!
//! Edit between the markers only. 3 values, 15 minutes.
//! Stuck? `cargo hint 01.4`, three levels.
//!
//! A failing run prints the steps as above, and for instance:
//! ```text
//! LOSES_ONE ends with the counter at 2, so nothing is lost: B loads in step 4,
//! after A has stored in step 3
//! ```

// --- edit from here ---

/// Each thread adds 1 once. After this schedule the counter should be 1.
pub const LOSES_ONE: &str = "A A A B B B";

/// Each thread adds 1 three times, one after the other: nine steps for A and nine
/// for B. After this schedule the counter should be as low as any schedule can make
/// it.
pub const LOSES_MOST: &str = "AAA AAA AAA  BBB BBB BBB";

/// There are 20 schedules of three steps of A and three of B. How many of them lose
/// an update?
pub const LOSING_SCHEDULES: Option<u64> = None;

// --- to here ---
