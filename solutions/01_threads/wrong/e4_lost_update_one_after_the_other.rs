//! must say: so nothing is lost: A loads in step 4, after B has stored in step 3
//!
//! Lets one thread finish before the other begins.

// --- edit from here ---

/// Each thread adds 1 once. After this schedule the counter should be 1.
pub const LOSES_ONE: &str = "B B B A A A";

/// Each thread adds 1 three times, one after the other: nine steps for A and nine
/// for B. After this schedule the counter should be as low as any schedule can make
/// it.
pub const LOSES_MOST: &str = "A BBB BBB AA B AAA AAA BB";

/// There are 20 schedules of three steps of A and three of B. How many of them lose
/// an update?
pub const LOSING_SCHEDULES: Option<u64> = Some(18);

// --- to here ---
