//! What many readings say together: median, p99, max, and the mean that hides them.

use crate::ground::time::Duration;
use std::fmt;

/// Many readings of the same thing.
///
/// Every reading is kept, so every percentile is exact: 16 bytes a sample. What has to
/// record for days wants a histogram with bounded error instead (the chapter names one).
///
/// # Panics
/// What describes the samples ([`min`](Samples::min), [`median`](Samples::median) and so
/// on) panics if there are none: nothing was measured, and no value would be true.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use threadbare::measure::Samples;
///
/// // Ninety-nine quick ones, and one that took a second.
/// let mut samples: Samples = (0..99).map(|_| Duration::from_millis(1)).collect();
/// samples.push(Duration::from_secs(1));
///
/// assert_eq!(samples.median(), Duration::from_millis(1));
/// assert_eq!(samples.p99(), Duration::from_millis(1));
/// assert_eq!(samples.max(), Duration::from_secs(1));
/// assert_eq!(samples.mean(), Duration::from_micros(10_990)); // nobody ever saw this one
/// ```
#[derive(Clone, Debug, Default)]
pub struct Samples {
    times: Vec<Duration>,
}

impl Samples {
    /// Creates an empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an empty collection with room for `count` samples, so that pushing them
    /// does not allocate between two readings of the clock.
    pub fn with_capacity(count: usize) -> Self {
        Self {
            times: Vec::with_capacity(count),
        }
    }

    /// Adds one reading.
    ///
    /// # Cost
    /// A store; and, when the room is used up, an allocation and a copy of all samples.
    pub fn push(&mut self, time: Duration) {
        self.times.push(time);
    }

    /// Returns how many samples there are.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Returns whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Returns the samples in the order in which they were pushed.
    pub fn times(&self) -> &[Duration] {
        &self.times
    }

    /// Returns the shortest sample: the reading that the machine disturbed least.
    ///
    /// # Panics
    /// If there are no samples.
    pub fn min(&self) -> Duration {
        *self.times.iter().min().expect("no samples, so no minimum")
    }

    /// Returns the longest sample.
    ///
    /// # Panics
    /// If there are no samples.
    pub fn max(&self) -> Duration {
        *self.times.iter().max().expect("no samples, so no maximum")
    }

    /// Returns the sum of all samples divided by their number, rounded down to the
    /// nanosecond.
    ///
    /// # Panics
    /// If there are no samples.
    pub fn mean(&self) -> Duration {
        assert!(!self.is_empty(), "no samples, so no mean");
        let mean_ns = self.sum().as_nanos() / self.len() as u128;
        Duration::from_nanos_u128(mean_ns)
    }

    /// Returns the middle sample: [`percentile(50.0)`](Samples::percentile). Of an even
    /// number of samples that is the lower of the two in the middle, a value that was
    /// really measured.
    ///
    /// # Panics
    /// If there are no samples.
    pub fn median(&self) -> Duration {
        self.percentile(50.0)
    }

    /// Returns [`percentile(99.0)`](Samples::percentile): one in a hundred takes longer.
    ///
    /// # Panics
    /// If there are no samples.
    pub fn p99(&self) -> Duration {
        self.percentile(99.0)
    }

    // ANCHOR: percentile
    /// Returns the smallest sample that at least `percent` per cent of the samples do not
    /// exceed: the percentile by *nearest rank*, always a value that was measured.
    ///
    /// `percent` counts to four decimals; further ones are rounded away.
    ///
    /// # Panics
    /// If there are no samples, or `percent` is not in `0.0..=100.0`.
    ///
    /// # Cost
    /// Copies the samples and sorts the copy in part. For after the run, not within it.
    pub fn percentile(&self, percent: f64) -> Duration {
        let rank = nearest_rank(percent, self.len());
        let mut times = self.times.clone();
        *times.select_nth_unstable(rank - 1).1
    }
    // ANCHOR_END: percentile

    /// Returns the work done over the time it took, if each sample was `units` of work.
    ///
    /// The times are added up, so this is a mean and says nothing about the slow ones.
    ///
    /// # Example
    /// ```
    /// use std::time::Duration;
    /// use threadbare::measure::Samples;
    ///
    /// // Four blocks of 1 MiB, a quarter of a second each.
    /// let samples: Samples = [Duration::from_millis(250); 4].into_iter().collect();
    /// let throughput = samples.throughput(1024 * 1024);
    /// assert_eq!(throughput.mib_per_second(), 4.0);
    /// ```
    pub fn throughput(&self, units: u64) -> Throughput {
        Throughput {
            units: units * self.len() as u64,
            time: self.sum(),
        }
    }

    /// Returns the usual five figures and the mean, sorting once.
    ///
    /// # Panics
    /// If there are no samples.
    pub fn summary(&self) -> Summary {
        let mut times = self.times.clone();
        times.sort_unstable();
        let at = |percent| times[nearest_rank(percent, times.len()) - 1];
        Summary {
            count: times.len(),
            min: at(0.0),
            median: at(50.0),
            p99: at(99.0),
            max: at(100.0),
            mean: self.mean(),
        }
    }

    /// All samples added up.
    fn sum(&self) -> Duration {
        self.times.iter().sum()
    }
}

impl Extend<Duration> for Samples {
    fn extend<I: IntoIterator<Item = Duration>>(&mut self, times: I) {
        self.times.extend(times);
    }
}

impl FromIterator<Duration> for Samples {
    fn from_iter<I: IntoIterator<Item = Duration>>(times: I) -> Self {
        Self {
            times: times.into_iter().collect(),
        }
    }
}

// ANCHOR: nearest_rank
/// The place, counted from 1, of the `percent` percentile among `count` sorted samples:
/// `percent / 100 * count`, rounded up, and at least 1.
///
/// In integers, because floating point rounds on its own: there, `0.07 * 100.0` is a
/// little over 7, and rounding that up gives 8.
fn nearest_rank(percent: f64, count: usize) -> usize {
    assert!(count > 0, "no samples, so no percentile");
    assert!(
        (0.0..=100.0).contains(&percent),
        "{percent} is not a percentage"
    );
    const WHOLE: u128 = 1_000_000; // 100 per cent with four decimals
    let parts = (percent * 10_000.0).round() as u128;
    ((parts * count as u128).div_ceil(WHOLE) as usize).max(1)
}
// ANCHOR_END: nearest_rank

/// The figures by which a chapter of this course describes [`Samples`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many samples there were.
    pub count: usize,
    /// The shortest.
    pub min: Duration,
    /// The one in the middle.
    pub median: Duration,
    /// One in a hundred took longer than this.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
    /// The sum divided by the number.
    pub mean: Duration,
}

impl fmt::Display for Summary {
    /// One line; a precision (`{:.1}`) is the number of decimals, three unless told.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            count: _,
            min,
            median,
            p99,
            max,
            mean,
        } = self;
        let digits = f.precision().unwrap_or(3);
        write!(
            f,
            "min {min:.digits$?}, median {median:.digits$?}, p99 {p99:.digits$?}, \
             max {max:.digits$?}, mean {mean:.digits$?}"
        )
    }
}

/// Work over the time it took. The unit is whatever was counted: requests, bytes, hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throughput {
    /// How much was done.
    pub units: u64,
    /// How long that took.
    pub time: Duration,
}

impl Throughput {
    /// Returns units a second; infinite if no time passed.
    pub fn per_second(&self) -> f64 {
        self.units as f64 / self.time.as_secs_f64()
    }

    /// Returns mebibytes a second, if the units are bytes. A mebibyte (MiB) is 1,048,576
    /// bytes; a megabyte (MB) is 1,000,000, 4.6 per cent less.
    pub fn mib_per_second(&self) -> f64 {
        self.per_second() / f64::from(1 << 20)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(times: impl IntoIterator<Item = u64>) -> Samples {
        times.into_iter().map(Duration::from_millis).collect()
    }

    /// `percentile`, in milliseconds.
    fn at(samples: &Samples, percent: f64) -> u128 {
        samples.percentile(percent).as_millis()
    }

    #[test]
    fn nearest_rank_by_the_textbook() {
        // The five values of the usual example, pushed out of order.
        let samples = ms([40, 15, 50, 20, 35]);
        for (percent, value) in [
            (0.0, 15),
            (5.0, 15),
            (20.0, 15),
            (30.0, 20),
            (40.0, 20),
            (50.0, 35),
        ] {
            assert_eq!(at(&samples, percent), value, "p{percent}");
        }
        assert_eq!(at(&samples, 80.0), 40);
        assert_eq!(at(&samples, 80.0001), 50);
        assert_eq!(at(&samples, 100.0), 50);
    }

    #[test]
    fn a_rank_that_is_whole_is_not_rounded_up() {
        // In floating point each of these comes out one too high: 0.07 * 100.0 is
        // 7.000000000000001.
        for (percent, count, rank) in [
            (7.0, 100, 7),
            (99.9, 1_000, 999),
            (99.99, 10_000, 9_999),
            (55.0, 100, 55),
        ] {
            assert_eq!(nearest_rank(percent, count), rank, "p{percent} of {count}");
        }
        assert_eq!(nearest_rank(99.9, 1_001), 1_000);
        assert_eq!(nearest_rank(100.0, usize::MAX), usize::MAX);
    }

    #[test]
    fn every_percentile_is_at_most_the_next() {
        let samples = ms((0..1000).map(|k| k * 7919 % 1000));
        for k in 0..1000 {
            let percent = f64::from(k) / 10.0;
            assert!(
                samples.percentile(percent) <= samples.percentile(percent + 0.1)
            );
        }
    }

    #[test]
    fn the_median_of_an_even_number_was_measured() {
        assert_eq!(ms([4, 1]).median(), Duration::from_millis(1));
        assert_eq!(ms([4, 1, 3, 2]).median(), Duration::from_millis(2));
        assert_eq!(ms([9]).median(), Duration::from_millis(9));
    }

    #[test]
    fn the_summary_is_what_the_single_questions_answer() {
        let samples = ms((1..=200).rev());
        let summary = samples.summary();
        assert_eq!(summary.count, 200);
        assert_eq!(summary.min, samples.min());
        assert_eq!(summary.median, samples.median());
        assert_eq!(summary.p99, samples.p99());
        assert_eq!(summary.max, samples.max());
        assert_eq!(summary.mean, samples.mean());
        assert_eq!(
            format!("{summary:.1}"),
            "min 1.0ms, median 100.0ms, p99 198.0ms, max 200.0ms, mean 100.5ms"
        );
    }

    #[test]
    fn the_order_of_pushing_is_kept() {
        let mut samples = Samples::with_capacity(3);
        samples.extend([3, 1, 2].map(Duration::from_nanos));
        samples.p99();
        assert_eq!(samples.times(), [3, 1, 2].map(Duration::from_nanos));
        assert_eq!(samples.len(), 3);
        assert!(!samples.is_empty());
    }

    #[test]
    fn throughput_counts_units_over_the_whole_time() {
        // 1 s and 3 s for one unit each: half a unit a second, not the mean of the rates.
        let throughput = ms([1000, 3000]).throughput(1);
        assert_eq!(throughput.per_second(), 0.5);
        let mib = Throughput {
            units: 10 << 20,
            time: Duration::from_millis(500),
        };
        assert_eq!(mib.mib_per_second(), 20.0);
    }

    #[test]
    fn a_sum_beyond_u64_nanoseconds_still_has_a_mean() {
        let long = Duration::from_secs(20_000_000_000);
        let samples: Samples = [long, long].into_iter().collect();
        assert_eq!(samples.mean(), long);
    }

    #[test]
    #[should_panic(expected = "no samples, so no percentile")]
    fn nothing_measured_has_no_median() {
        Samples::new().median();
    }

    #[test]
    #[should_panic(expected = "no samples, so no mean")]
    fn nothing_measured_has_no_mean() {
        Samples::new().mean();
    }

    #[test]
    #[should_panic(expected = "100.5 is not a percentage")]
    fn more_than_all_is_refused() {
        ms([1]).percentile(100.5);
    }
}
