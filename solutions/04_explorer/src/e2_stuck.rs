//! 04.2 (break it): two programs that stop for ever.
//!
//! In `exercises/04_explorer/given/accounts.rs` three threads pay money from one account
//! to another, each of which has a lock; in `given/doorbell.rs` one thread sleeps
//! until another one rings. Both programs pass almost every test that you can write.
//!
//! Goal: give a schedule after which nobody can go on. Schedules are written as in
//! 04.1. Locking and unlocking are a step each, and so are a load, a store, going to
//! sleep and waking somebody. Who asks for a lock that is taken has used its step for
//! that, and gets no other before the lock is free.
//!
//! Edit between the markers only. 2 values, 10 minutes.
//! Stuck? `cargo hint 04.2`, three levels.
//!
//! A failing run prints what happened, step by step, and for instance:
//! ```text
//! DEADLOCKS lets all three threads get through: who has to hold which lock so that
//! each waits for the next?
//! ```

#[path = "../../../exercises/04_explorer/given/accounts.rs"]
pub mod accounts;
#[path = "../../../exercises/04_explorer/given/doorbell.rs"]
pub mod doorbell;

// --- edit from here ---

/// Threads 1, 2 and 3 of `accounts.rs`: each waits for a lock that another one holds.
///
/// Thread 3 looks at A while it still can. Then 1 takes A, 2 takes B, 3 takes C, and
/// each wants the lock that the next one has.
//
// Rejected: 1 2 3. Thread 3 wants A for its look, A is taken, and it waits for that; C
// stays free, so that thread 2 gets through, and then everybody does.
pub const DEADLOCKS: &str = "3*2 1 2 3";

/// Threads 1 and 2 of `doorbell.rs`: the bell was rung, and thread 1 sleeps.
///
/// Thread 1 looks, and nobody is there. Then somebody comes and rings, and wakes nobody,
/// since nobody sleeps. Then thread 1 goes to sleep.
pub const SLEEPS_FOR_EVER: &str = "1 2*2 1";

// --- to here ---
