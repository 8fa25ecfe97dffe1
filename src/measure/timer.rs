//! A stopwatch.

use super::clock::{Clock, Monotonic};
use crate::ground::time::Duration;

// ANCHOR: timer
/// Tells how long something took: since the start, or since the last lap.
///
/// # Cost
/// `start`, `lap`, `read` and `reset` read the clock once each, and nothing else.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use threadbare::measure::{Manual, Timer};
///
/// let clock = Manual::new(); // `Timer::start()` takes the kernel's
/// let mut timer = Timer::start_on(&clock);
/// clock.advance(Duration::from_millis(5));
/// assert_eq!(timer.lap(), Duration::from_millis(5));
/// clock.advance(Duration::from_millis(2));
/// assert_eq!(timer.lap(), Duration::from_millis(2));
/// assert_eq!(timer.read(), Duration::from_millis(7));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Timer<C = Monotonic> {
    clock: C,
    start: Duration,
    lap: Duration,
}
// ANCHOR_END: timer

impl Timer {
    /// Starts a timer on the kernel's monotonic clock.
    pub fn start() -> Self {
        Self::start_on(Monotonic::new())
    }
}

impl<C: Clock> Timer<C> {
    /// Starts a timer on `clock`.
    pub fn start_on(clock: C) -> Self {
        let now = clock.now();
        Self {
            clock,
            start: now,
            lap: now,
        }
    }

    /// Returns the time since the start or the last [`reset`](Timer::reset). Laps do not
    /// change it.
    pub fn read(&self) -> Duration {
        self.clock.now() - self.start
    }

    /// Returns the time since the last lap, or since the start if this is the first, and
    /// begins the next lap at the same reading: no time is lost between two laps.
    pub fn lap(&mut self) -> Duration {
        let now = self.clock.now();
        let lap = now - self.lap;
        self.lap = now;
        lap
    }

    /// Starts again from zero, the lap too.
    pub fn reset(&mut self) {
        let now = self.clock.now();
        self.start = now;
        self.lap = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Manual;

    const STEP: Duration = Duration::from_nanos(10);

    #[test]
    fn reads_what_has_passed_and_goes_on() {
        let clock = Manual::new();
        clock.advance(STEP); // the clock's zero is not the timer's
        let timer = Timer::start_on(&clock);
        assert_eq!(timer.read(), Duration::ZERO);
        clock.advance(STEP);
        assert_eq!(timer.read(), STEP);
        assert_eq!(timer.read(), STEP, "reading does not reset");
    }

    #[test]
    fn laps_add_up_to_the_whole() {
        let clock = Manual::new();
        let mut timer = Timer::start_on(&clock);
        let mut sum = Duration::ZERO;
        for k in 1..=4 {
            clock.advance(k * STEP);
            let lap = timer.lap();
            assert_eq!(lap, k * STEP);
            sum += lap;
        }
        assert_eq!(sum, timer.read());
    }

    #[test]
    fn reset_forgets_the_start_and_the_lap() {
        let clock = Manual::new();
        let mut timer = Timer::start_on(&clock);
        clock.advance(STEP);
        timer.reset();
        assert_eq!(timer.read(), Duration::ZERO);
        clock.advance(2 * STEP);
        assert_eq!(timer.lap(), 2 * STEP);
        assert_eq!(timer.read(), 2 * STEP);
    }

    #[test]
    fn the_kernels_clock_does_not_go_back() {
        let timer = Timer::start();
        let first = timer.read();
        assert!(timer.read() >= first);
    }
}
