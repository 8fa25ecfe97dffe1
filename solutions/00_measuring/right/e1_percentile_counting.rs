//! Right: follows the definition word by word, and sorts nothing.

// --- edit from here ---

/// The nearest-rank percentile, or `None` if there are no readings.
pub fn percentile(readings: &[u64], per_mille: usize) -> Option<u64> {
    let enough = |limit: &u64| {
        let not_above = readings.iter().filter(|reading| *reading <= limit).count();
        not_above * 1000 >= readings.len() * per_mille
    };
    readings.iter().copied().filter(enough).min()
}

/// The percentile in the middle. Of an even number of readings, the lower middle
/// one.
pub fn median(readings: &[u64]) -> Option<u64> {
    percentile(readings, 500)
}

// --- to here ---
