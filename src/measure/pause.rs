//! For how long was this thread not running?

use super::{Clock, Samples};
use crate::ground::time::Duration;

/// Reads `clock` without rest for `length` and returns each gap between two readings that
/// is at least `threshold` long.
///
/// Reading a clock takes tens of nanoseconds. A gap of milliseconds is time in which the
/// thread did not run: it was interrupted, or another thread had its core. Whatever else
/// this thread might have been doing would have been late by that much.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use threadbare::measure::{Monotonic, pauses};
///
/// let (length, threshold) = (Duration::from_millis(2), Duration::from_micros(100));
/// for pause in pauses(&Monotonic::new(), length, threshold).times() {
///     println!("somebody else ran for {pause:?}");
/// }
/// ```
// ANCHOR: pauses
pub fn pauses(clock: &impl Clock, length: Duration, threshold: Duration) -> Samples {
    let mut found = Samples::new();
    let start = clock.now();
    let mut last = start;
    while last - start < length {
        let now = clock.now();
        if now - last >= threshold {
            found.push(now - last);
        }
        last = now;
    }
    found
}
// ANCHOR_END: pauses

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// A clock that ticks by one nanosecond a reading, and jumps at given readings.
    struct Jumping<'a> {
        readings: Cell<usize>,
        now_ns: Cell<u64>,
        /// At which reading, and by how much more than one.
        jumps: &'a [(usize, u64)],
    }

    impl Clock for Jumping<'_> {
        fn now(&self) -> Duration {
            let reading = self.readings.replace(self.readings.get() + 1);
            let jump = self.jumps.iter().find(|(at, _)| *at == reading);
            self.now_ns
                .set(self.now_ns.get() + 1 + jump.map_or(0, |(_, by)| *by));
            Duration::from_nanos(self.now_ns.get())
        }

        fn sleep_until(&self, _: Duration) {
            unreachable!("who looks for pauses does not sleep");
        }
    }

    fn found(jumps: &[(usize, u64)]) -> Vec<u128> {
        let clock = Jumping {
            readings: Cell::new(0),
            now_ns: Cell::new(0),
            jumps,
        };
        let (length, threshold) =
            (Duration::from_nanos(1_000), Duration::from_nanos(50));
        let pauses = pauses(&clock, length, threshold);
        pauses.times().iter().map(Duration::as_nanos).collect()
    }

    #[test]
    fn an_undisturbed_thread_has_no_pauses() {
        assert_eq!(found(&[]), [0; 0]);
    }

    #[test]
    fn gaps_from_the_threshold_on_are_found_and_shorter_ones_are_not() {
        // A jump of 49 above the tick of 1 makes a gap of exactly the threshold, 50.
        assert_eq!(found(&[(10, 48), (20, 49), (30, 199)]), [50, 200]);
    }

    #[test]
    fn the_pause_that_ends_the_search_counts() {
        assert_eq!(found(&[(3, 5_000)]), [5_001]);
    }
}
