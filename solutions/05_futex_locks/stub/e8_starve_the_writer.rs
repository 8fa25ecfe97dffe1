//! 05.8 (break it): readers that never leave the door free.
//!
//! The lock is in `exercises/05_futex_locks/given/readers_first.rs`. Thread 1 writes
//! once. Threads 2 and 3 read three times each, and a reader gets in whenever nobody
//! writes, whoever waits. Thread 0, which is `main`, waits for them.
//!
//! Goal: give two schedules in which the writer asks, and sleeps, and others go past it.
//! Schedules are written as in chapter 04:
//!
//! ```text
//! 1        thread 1 takes its next step
//! 2*3      thread 2 takes three
//! ```
//!
//! - A reader enters in one step, and leaves in one. If it was the last to leave, to wake
//!   who sleeps is another.
//! - The writer asks in one step; if it can't have the lock, it goes to sleep in the next.
//!   Once it was woken, to wake up is a step, and to ask again the next.
//!
//! What comes after the end of the schedule is filled in: the same thread goes on as
//! long as it can, then the one with the lowest number.
//!
//! Edit between the markers only. 2 values, 15 minutes.
//! Stuck? `cargo hint 05.8`, three levels.
//!
//! A failing run prints what happened, step by step, and for instance:
//! ```text
//! NEVER_FREE: in step 4 thread 2 leaves and nobody is inside: the lock is free, and 5
//! reads are still to come
//! ```

#[path = "../../../exercises/05_futex_locks/given/readers_first.rs"]
pub mod given;

// --- edit from here ---

/// The writer goes to sleep after the first read has begun, and before any other has.
/// From then on the lock is never free until all six reads are over.
pub const NEVER_FREE: &str = "2 1*2 2*2 3*3";

/// The writer is woken twice, since the lock is free, and each time a reader is inside
/// when it asks.
pub const WOKEN_IN_VAIN: &str = "2 1*2 2*2 1*2";

// --- to here ---
