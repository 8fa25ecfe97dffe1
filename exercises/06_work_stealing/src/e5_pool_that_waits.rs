//! 06.5 (break it): a pool whose jobs wait.
//!
//! The pool is in `exercises/06_work_stealing/given/waiting_pool.rs`. Threads 1 and 2 are
//! its workers, and take the newest task first. There are some jobs. Each gives the pool a
//! part of its work, and waits until somebody has done it. Thread 0, which is `main`,
//! waits for the two.
//!
//! Goal: give three schedules after which nobody can go on. Schedules are written as in
//! chapter 04:
//!
//! ```text
//! 1        thread 1 takes its next step
//! 2*3      thread 2 takes three
//! ```
//!
//! - To take a task is a step. So is to look whether a part is done, to go to sleep, and
//!   to wake up.
//! - A job gives its part in one step, and wakes who sleeps in the next. A part says that
//!   it is done in one, and wakes who waits for it in the next. A job that has ended says
//!   so in one, and wakes who sleeps in the next.
//! - To lock the table is a step, and to unlock it.
//!
//! What comes after the end of the schedule is filled in: the same thread goes on as
//! long as it can, then the one with the lowest number.
//!
//! Edit between the markers only. 3 values, 15 minutes.
//! Stuck? `cargo hint 06.5`, three levels.
//!
//! A failing run prints what happened, step by step, and for instance:
//! ```text
//! AT_ONCE: all 3 jobs have ended: somebody was there to run each part
//! ```

#[path = "../../../exercises/06_work_stealing/given/waiting_pool.rs"]
pub mod given;

// --- edit from here ---

/// `jobs_that_wait`: both threads wait for a part, and none has been run.
pub const AT_ONCE: &str = "1*3 2*3";

/// `jobs_that_wait`: both threads wait for a part, and one of the three jobs has ended.
pub const LATER: &str = "1*5 2*3";

/// `jobs_that_lock_and_wait`: here whoever waits helps, and runs what it finds. All the
/// same, a thread waits for ever, and for itself.
pub const FOR_ITSELF: &str = "1*5 2";

// --- to here ---
