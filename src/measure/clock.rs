//! Where the time comes from: the kernel, or the test.

use crate::ground::atomic::AtomicU64;
use crate::ground::atomic::Ordering::{AcqRel, Acquire};
use crate::ground::thread;
use crate::ground::time::{Duration, Instant};

// ANCHOR: clock
/// Says how much time has passed since a moment of its own, its zero.
///
/// What measures takes a clock instead of asking the kernel, so that a test can hand it a
/// [`Manual`] one and know every reading beforehand. A clock never goes backwards. Readings
/// of two different clocks have different zeros and must not be subtracted.
pub trait Clock {
    /// Returns the time since this clock's zero.
    fn now(&self) -> Duration;

    /// Returns once [`now`](Clock::now) is at or past `deadline`; at once if it already is.
    fn sleep_until(&self, deadline: Duration);
}
// ANCHOR_END: clock

impl<C: Clock + ?Sized> Clock for &C {
    fn now(&self) -> Duration {
        (**self).now()
    }

    fn sleep_until(&self, deadline: Duration) {
        (**self).sleep_until(deadline);
    }
}

/// The kernel's monotonic clock; its zero is the moment of [`Monotonic::new`].
///
/// Not the wall clock: nobody can set it, and it knows nothing of dates. On Linux it does
/// not advance while the machine is suspended.
///
/// # Cost
/// A reading is no system call on Linux and macOS: tens of nanoseconds. The chapter
/// measures it.
///
/// # Example
/// ```
/// use threadbare::measure::{Clock, Monotonic};
///
/// let clock = Monotonic::new();
/// let before = clock.now();
/// assert!(clock.now() >= before, "a monotonic clock may stand still, never go back");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Monotonic {
    zero: Instant,
}

impl Monotonic {
    /// Creates a clock whose zero is now.
    pub fn new() -> Self {
        Self {
            zero: Instant::now(),
        }
    }
}

impl Default for Monotonic {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for Monotonic {
    fn now(&self) -> Duration {
        self.zero.elapsed()
    }

    /// # Blocking
    /// Sleeps in the kernel, which wakes the thread late, never early: by about 50
    /// microseconds on an idle Linux, by milliseconds where every core is taken.
    fn sleep_until(&self, deadline: Duration) {
        while let Some(rest) =
            deadline.checked_sub(self.now()).filter(|r| !r.is_zero())
        {
            thread::sleep(rest);
        }
    }
}

/// A clock that stands still until somebody moves it.
///
/// Sleeping moves it: [`sleep_until`](Clock::sleep_until) sets it to the deadline and
/// returns. So a program that only waits and reads this clock runs through an hour in
/// microseconds, and the same way each time: a simulation.
///
/// # Memory ordering
/// What a thread did before it moved the clock happens-before the return of a `now` that
/// shows the new time.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use threadbare::measure::{Clock, Manual};
///
/// let clock = Manual::new();
/// clock.advance(Duration::from_secs(3));
/// clock.sleep_until(Duration::from_secs(3600));
/// assert_eq!(clock.now(), Duration::from_secs(3600));
/// clock.sleep_until(Duration::from_secs(1)); // long past: nothing happens
/// assert_eq!(clock.now(), Duration::from_secs(3600));
/// ```
#[derive(Debug, Default)]
pub struct Manual {
    /// Nanoseconds since zero: enough for 584 years.
    now_ns: AtomicU64,
}

impl Manual {
    /// Creates a clock that shows zero.
    pub fn new() -> Self {
        Self {
            now_ns: AtomicU64::new(0),
        }
    }

    /// Moves the clock forward by `step`.
    pub fn advance(&self, step: Duration) {
        // ORDERING: AcqRel. Release hands on what this thread did before it moved the
        // clock; Acquire so that it stands on the moves before. Pairs with the Acquire
        // load in `now`.
        self.now_ns.fetch_add(nanoseconds(step), AcqRel);
    }
}

impl Clock for Manual {
    fn now(&self) -> Duration {
        // ORDERING: Acquire. Pairs with the Release half in `advance` and `sleep_until`:
        // whoever sees the time sees what was done before it.
        Duration::from_nanos(self.now_ns.load(Acquire))
    }

    /// Moves the clock to `deadline` if that is ahead of it.
    fn sleep_until(&self, deadline: Duration) {
        // ORDERING: AcqRel, as in `advance`; pairs with the Acquire load in `now`. One
        // `fetch_max`, so that a clock which somebody else moved further never goes back.
        self.now_ns.fetch_max(nanoseconds(deadline), AcqRel);
    }
}

/// `time` in nanoseconds; times beyond 584 years are cut to that.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_manual_clock_stands_still_until_moved() {
        let clock = Manual::new();
        assert_eq!(clock.now(), Duration::ZERO);
        assert_eq!(clock.now(), Duration::ZERO);
        clock.advance(SECOND);
        assert_eq!(clock.now(), SECOND);
    }

    #[test]
    fn sleeping_on_a_manual_clock_moves_it_forward_only() {
        let clock = Manual::new();
        clock.sleep_until(2 * SECOND);
        assert_eq!(clock.now(), 2 * SECOND);
        clock.sleep_until(SECOND);
        assert_eq!(
            clock.now(),
            2 * SECOND,
            "a deadline in the past must not move it"
        );
    }

    #[test]
    fn a_monotonic_clock_has_reached_the_deadline_after_the_sleep() {
        let clock = Monotonic::new();
        let deadline = clock.now() + Duration::from_micros(200);
        clock.sleep_until(deadline);
        assert!(clock.now() >= deadline);
        clock.sleep_until(Duration::ZERO); // past: returns
    }

    #[test]
    fn a_borrowed_clock_is_the_same_clock() {
        fn move_it(clock: impl Clock) {
            clock.sleep_until(SECOND);
        }
        let clock = Manual::new();
        move_it(&clock);
        assert_eq!(clock.now(), SECOND);
    }

    #[test]
    fn a_duration_too_long_for_the_clock_is_cut() {
        let clock = Manual::new();
        clock.sleep_until(Duration::MAX);
        assert_eq!(clock.now(), Duration::from_nanos(u64::MAX));
    }
}
