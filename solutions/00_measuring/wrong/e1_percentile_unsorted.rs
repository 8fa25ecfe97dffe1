//! must say: percentile(.., 500) of [70, 20, 90, 10, 100, 40, 30, 60, 80, 50] is 50
//!
//! Takes the readings in the order in which they came.

// --- edit from here ---

/// The nearest-rank percentile, or `None` if there are no readings.
pub fn percentile(readings: &[u64], per_mille: usize) -> Option<u64> {
    let rank = (readings.len() * per_mille).div_ceil(1000);
    readings.get(rank.saturating_sub(1)).copied()
}

/// The percentile in the middle. Of an even number of readings, the lower middle
/// one.
pub fn median(readings: &[u64]) -> Option<u64> {
    percentile(readings, 500)
}

// --- to here ---
