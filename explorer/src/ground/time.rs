//! Clocks, as in [`std::time`]. In a model time stands still until somebody waits for it:
//! then it jumps to the first deadline.

use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time as real;

pub use std::time::Duration;

use crate::execution::{self, FOREVER, is_active};

/// [`std::time::Instant`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Moment);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Moment {
    Real(real::Instant),
    /// Since the run began.
    Model(Duration),
}

impl Instant {
    /// As [`std::time::Instant::now`].
    #[must_use]
    pub fn now() -> Self {
        Self(if is_active() {
            Moment::Model(execution::now())
        } else {
            Moment::Real(real::Instant::now())
        })
    }

    /// As [`std::time::Instant::duration_since`].
    #[must_use]
    pub fn duration_since(&self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }

    /// As [`std::time::Instant::checked_duration_since`].
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Self) -> Option<Duration> {
        match (self.0, earlier.0) {
            (Moment::Real(this), Moment::Real(earlier)) => {
                this.checked_duration_since(earlier)
            }
            (Moment::Model(this), Moment::Model(earlier)) => {
                this.checked_sub(earlier)
            }
            // One is of a model and the other is not: there is nothing between them.
            _ => None,
        }
    }

    /// As [`std::time::Instant::saturating_duration_since`].
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.checked_duration_since(earlier).unwrap_or_default()
    }

    /// As [`std::time::Instant::elapsed`].
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Self::now().saturating_duration_since(*self)
    }

    /// As [`std::time::Instant::checked_add`].
    #[must_use]
    pub fn checked_add(&self, time: Duration) -> Option<Self> {
        Some(Self(match self.0 {
            Moment::Real(moment) => Moment::Real(moment.checked_add(time)?),
            Moment::Model(moment) => {
                let sum = moment.checked_add(time)?;
                // As on most systems.
                Moment::Model(Some(sum).filter(|it| *it < FOREVER)?)
            }
        }))
    }

    /// As [`std::time::Instant::checked_sub`].
    #[must_use]
    pub fn checked_sub(&self, time: Duration) -> Option<Self> {
        Some(Self(match self.0 {
            Moment::Real(moment) => Moment::Real(moment.checked_sub(time)?),
            Moment::Model(moment) => Moment::Model(moment.checked_sub(time)?),
        }))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        let sum = self.checked_add(time);
        sum.expect("overflow when adding duration to instant")
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, time: Duration) {
        *self = *self + time;
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, time: Duration) -> Self {
        let difference = self.checked_sub(time);
        difference.expect("overflow when subtracting duration from instant")
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, time: Duration) {
        *self = *self - time;
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }
}
