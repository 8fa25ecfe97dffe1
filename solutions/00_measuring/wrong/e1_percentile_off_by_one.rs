//! must say: percentile(.., 500) of [70, 20, 90, 10, 100, 40, 30, 60, 80, 50] is 50
//!
//! Takes the rank, which starts at 1, for a place in the slice, which starts at 0.

// --- edit from here ---

/// The nearest-rank percentile, or `None` if there are no readings.
pub fn percentile(readings: &[u64], per_mille: usize) -> Option<u64> {
    let mut sorted = readings.to_vec();
    sorted.sort_unstable();
    let place = sorted.len() * per_mille / 1000;
    sorted.get(place).or(sorted.last()).copied()
}

/// The percentile in the middle. Of an even number of readings, the lower middle
/// one.
pub fn median(readings: &[u64]) -> Option<u64> {
    percentile(readings, 499)
}

// --- to here ---
