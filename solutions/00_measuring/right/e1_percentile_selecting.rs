//! Right: puts only the one reading into its place, and takes the median on its own.

// --- edit from here ---

/// The nearest-rank percentile, or `None` if there are no readings.
pub fn percentile(readings: &[u64], per_mille: usize) -> Option<u64> {
    if readings.is_empty() {
        return None;
    }
    let rank = (per_mille as f64 * readings.len() as f64 / 1000.0).ceil() as usize;
    let mut readings = readings.to_vec();
    let (_, found, _) = readings.select_nth_unstable(rank.max(1) - 1);
    Some(*found)
}

/// The percentile in the middle. Of an even number of readings, the lower middle
/// one.
pub fn median(readings: &[u64]) -> Option<u64> {
    let mut sorted = readings.to_vec();
    sorted.sort();
    Some(*sorted.get(sorted.len().checked_sub(1)? / 2)?)
}

// --- to here ---
