//! Right: the same with the roles of the threads exchanged, and other spaces.

// --- edit from here ---

/// Each thread adds 1 once. After this schedule the counter should be 1.
pub const LOSES_ONE: &str = "BAAABB";

/// Each thread adds 1 three times, one after the other: nine steps for A and nine
/// for B. After this schedule the counter should be as low as any schedule can make
/// it.
pub const LOSES_MOST: &str = "
    B
      AAA AAA
    BB
              A
    BBB BBB
              AA
";

/// There are 20 schedules of three steps of A and three of B. How many of them lose
/// an update?
pub const LOSING_SCHEDULES: Option<u64> = Some(20 - 2);

// --- to here ---
