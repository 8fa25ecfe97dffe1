//! must say: step 4 of LOSES_ONE is A, but A is done: it adds 1 once, which is 3 steps
//!
//! Gives a thread a fourth step.

// --- edit from here ---

/// Each thread adds 1 once. After this schedule the counter should be 1.
pub const LOSES_ONE: &str = "A A A A B B B";

/// Each thread adds 1 three times, one after the other: nine steps for A and nine
/// for B. After this schedule the counter should be as low as any schedule can make
/// it.
pub const LOSES_MOST: &str = "A BBB BBB AA B AAA AAA BB";

/// There are 20 schedules of three steps of A and three of B. How many of them lose
/// an update?
pub const LOSING_SCHEDULES: Option<u64> = Some(18);

// --- to here ---
