//! 04.1 (break it): lose an update, and lose it again without any luck.
//!
//! The program is in `exercises/04_explorer/given/counter.rs`: threads 1 and 2 each load
//! the counter, add one, and store the sum. Thread 0, which is `main`, waits for both.
//!
//! Goal: give schedules for the explorer's `Model::replay`. A schedule is a list of
//! steps, and a step is one operation on something shared:
//!
//! ```text
//! 1        thread 1 takes its next step
//! 1*2      thread 1 takes two
//! 2.1      thread 2 takes a step, and in it takes alternative 1: a load then reads the
//!          value before the newest one (the newest is alternative 0, which needs no
//!          number; 2 is the one before those two)
//! ```
//!
//! A step that can't be taken, or an alternative that is not there, makes the schedule
//! a bad one: the explorer refuses it, and says where.
//!
//! What comes after the end of the schedule is filled in: the same thread goes on as
//! long as it can, then the one with the lowest number.
//!
//! Edit between the markers only. 2 values, 10 minutes.
//! Stuck? `cargo hint 04.1`, three levels.
//!
//! A failing run prints what happened, step by step, and for instance:
//! ```text
//! LOSES ends with the counter at 2, so nothing is lost: each thread found what the
//! other had stored
//! ```

#[path = "../../../exercises/04_explorer/given/counter.rs"]
pub mod given;

// --- edit from here ---

/// After this schedule the counter should be 1.
pub const LOSES: &str = "1 1 2 2";

/// After this one too. But here thread 1 must have taken both of its steps before
/// thread 2 takes its first: no luck is needed, nobody comes in between.
pub const LOSES_IN_TURN: &str = "1*2 2*2";

// --- to here ---
