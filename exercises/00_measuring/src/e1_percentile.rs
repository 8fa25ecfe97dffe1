//! 00.1 (implement): the median and any percentile of a list of readings.
//!
//! Goal: `percentile(readings, per_mille)` is the smallest reading that at least
//! `per_mille` thousandths of all readings do not exceed (the *nearest rank*). It is
//! always one of the readings, never something in between. With no readings there is
//! none.
//!
//! ```text
//! readings    70 20 90 10 100 40 30 60 80 50          (as they came in)
//! percentile  0 -> 10   500 -> 50   501 -> 60   990 -> 100   1000 -> 100
//! ```
//!
//! Why thousandths: 500 is the median, 990 is p99, 999 is p99.9, and all of them are
//! whole numbers. `per_mille` is at most 1000.
//!
//! Edit between the markers only. About 7 lines, 10 minutes.
//! Stuck? `cargo hint 00.1`, three levels.
//!
//! A failing run prints, for instance:
//! ```text
//! percentile(.., 70) of the 100 readings 1 to 100 is 7, because 7 readings (7.0 %)
//! do not exceed it and 6 would be too few, but the answer returned 8
//! ```

// --- edit from here ---

/// The nearest-rank percentile, or `None` if there are no readings.
pub fn percentile(readings: &[u64], per_mille: usize) -> Option<u64> {
    todo!(
        "find the reading that {per_mille} thousandths of {readings:?} do not exceed"
    )
}

/// The percentile in the middle. Of an even number of readings, the lower middle
/// one.
pub fn median(readings: &[u64]) -> Option<u64> {
    todo!("say what the median of {readings:?} is in terms of `percentile`")
}

// --- to here ---
