//! must say: percentile(.., 501) of [70, 20, 90, 10, 100, 40, 30, 60, 80, 50] is 60
//!
//! Rounds the rank to the nearest one, so that too few readings are covered.

// --- edit from here ---

/// The nearest-rank percentile, or `None` if there are no readings.
pub fn percentile(readings: &[u64], per_mille: usize) -> Option<u64> {
    let mut sorted = readings.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * per_mille + 500) / 1000;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// The percentile in the middle. Of an even number of readings, the lower middle
/// one.
pub fn median(readings: &[u64]) -> Option<u64> {
    percentile(readings, 500)
}

// --- to here ---
