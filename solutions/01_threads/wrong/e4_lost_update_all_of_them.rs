//! must say: LOSING_SCHEDULES is 20, but fewer of the 20 lose an update
//!
//! Forgets the two that are one after the other.

// --- edit from here ---

/// Each thread adds 1 once. After this schedule the counter should be 1.
pub const LOSES_ONE: &str = "A B A B A B";

/// Each thread adds 1 three times, one after the other: nine steps for A and nine
/// for B. After this schedule the counter should be as low as any schedule can make
/// it.
pub const LOSES_MOST: &str = "A BBB BBB AA B AAA AAA BB";

/// There are 20 schedules of three steps of A and three of B. How many of them lose
/// an update?
pub const LOSING_SCHEDULES: Option<u64> = Some(20);

// --- to here ---
