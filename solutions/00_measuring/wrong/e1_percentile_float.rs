//! must say: because 7 readings (28.0 %) do not exceed it
//!
//! Divides first, in floating point: 0.28 * 25 is a little more than 7, and rounds
//! up to 8.

// --- edit from here ---

/// The nearest-rank percentile, or `None` if there are no readings.
pub fn percentile(readings: &[u64], per_mille: usize) -> Option<u64> {
    let mut sorted = readings.to_vec();
    sorted.sort_unstable();
    let rank = (per_mille as f64 / 1000.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// The percentile in the middle. Of an even number of readings, the lower middle
/// one.
pub fn median(readings: &[u64]) -> Option<u64> {
    percentile(readings, 500)
}

// --- to here ---
