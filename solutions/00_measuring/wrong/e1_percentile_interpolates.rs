//! must say: percentile(.., 500) of [70, 20, 90, 10, 100, 40, 30, 60, 80, 50] is 50
//!
//! Returns a value in between two readings, one that never occurred.

// --- edit from here ---

/// The nearest-rank percentile, or `None` if there are no readings.
pub fn percentile(readings: &[u64], per_mille: usize) -> Option<u64> {
    let mut sorted = readings.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().checked_sub(1)?;
    let place = last * per_mille / 1000;
    let above = sorted[(place + 1).min(last)] - sorted[place];
    let part = (last * per_mille % 1000) as u128;
    Some(sorted[place] + (u128::from(above) * part / 1000) as u64)
}

/// The percentile in the middle. Of an even number of readings, the lower middle
/// one.
pub fn median(readings: &[u64]) -> Option<u64> {
    percentile(readings, 500)
}

// --- to here ---
