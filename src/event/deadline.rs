//! Until when, instead of for how long.
//!
//! A limit that is passed on from wait to wait grows with each of them: ten waits of a second
//! are ten seconds. A deadline is worked out once, and each wait is told what is left of it.
//!
//! A wait that ends too early is worse than one that ends late: the caller finds nothing
//! expired, waits again for what rounds to nothing, and spins. So whatever is rounded here is
//! rounded up, and never below zero.

use std::time::{Duration, Instant};

/// The longest that a kernel is asked to sleep at once: as many milliseconds as fit into an
/// `int`, 24 days. A longer wait is made of several.
pub(super) const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// A moment at which something is over, or never.
///
/// They are ordered: the earliest of several is their `min`, and [`never`](Self::never) comes
/// after all.
///
/// ```
/// use std::time::Duration;
/// use threadbare::event::Deadline;
///
/// let soon = Deadline::after(Duration::from_secs(1));
/// let late = Deadline::after(Duration::from_secs(60));
/// assert_eq!([Deadline::never(), late, soon].into_iter().min(), Some(soon));
/// assert!(!soon.expired());
/// assert!(soon.remaining() <= Some(Duration::from_secs(1)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline(When);

/// In this order: `never` is later than any moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum When {
    At(Instant),
    Never,
}

// ANCHOR: deadline
impl Deadline {
    /// `limit` from now. What is too far for the clock is never.
    ///
    /// # Cost
    /// A look at the clock.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use threadbare::event::Deadline;
    /// assert!(Deadline::after(Duration::ZERO).expired());
    /// assert_eq!(Deadline::after(Duration::MAX), Deadline::never());
    /// ```
    #[must_use]
    pub fn after(limit: Duration) -> Self {
        let moment = Instant::now().checked_add(limit);
        Self(moment.map_or(When::Never, When::At))
    }

    /// At this moment.
    #[must_use]
    pub const fn at(moment: Instant) -> Self {
        Self(When::At(moment))
    }

    /// Not at all.
    #[must_use]
    pub const fn never() -> Self {
        Self(When::Never)
    }

    /// Whether it is over.
    #[must_use]
    pub fn expired(&self) -> bool {
        self.remaining() == Some(Duration::ZERO)
    }

    // ANCHOR: remaining
    /// What is left, never less than nothing; `None` without end. It is what
    /// [`Loop::wait`](super::Loop::wait) takes.
    ///
    /// ```
    /// # use std::time::{Duration, Instant};
    /// # use threadbare::event::Deadline;
    /// assert_eq!(Deadline::at(Instant::now()).remaining(), Some(Duration::ZERO));
    /// assert_eq!(Deadline::never().remaining(), None);
    /// ```
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        match self.0 {
            When::At(moment) => {
                Some(moment.saturating_duration_since(Instant::now()))
            }
            When::Never => None,
        }
    }
    // ANCHOR_END: remaining
}
// ANCHOR_END: deadline

// ANCHOR: milliseconds
/// `limit` in whole milliseconds, rounded up; at most [`LONGEST`].
pub(super) fn milliseconds(limit: Duration) -> i32 {
    let limit = limit.min(LONGEST);
    // As a `LONGEST` has no part of a millisecond, this does not go beyond it.
    limit.as_nanos().div_ceil(1_000_000) as i32
}
// ANCHOR_END: milliseconds

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_rounded_up() {
        let ns = Duration::from_nanos;
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(ns(1)), 1, "not nothing: that would spin");
        assert_eq!(milliseconds(ns(1_000_000)), 1);
        assert_eq!(milliseconds(ns(1_000_001)), 2);
        assert_eq!(milliseconds(LONGEST - ns(1)), i32::MAX);
        assert_eq!(milliseconds(LONGEST), i32::MAX);
        assert_eq!(milliseconds(LONGEST + ns(1)), i32::MAX);
        assert_eq!(milliseconds(Duration::MAX), i32::MAX);
    }

    #[test]
    fn a_deadline_is_over_or_not() {
        let now = Instant::now();
        assert!(Deadline::at(now).expired());
        assert_eq!(Deadline::at(now).remaining(), Some(Duration::ZERO));
        let before = now.checked_sub(Duration::from_secs(1)).unwrap_or(now);
        assert_eq!(Deadline::at(before).remaining(), Some(Duration::ZERO));
        let hour = Duration::from_secs(3600);
        let later = Deadline::at(now + hour);
        assert!(!later.expired() && later.remaining() <= Some(hour));
        assert!(!Deadline::never().expired());
    }

    #[test]
    fn never_is_later_than_all() {
        let (now, hour) = (Instant::now(), Duration::from_secs(3600));
        let (soon, late) = (Deadline::at(now), Deadline::at(now + hour));
        assert!(soon < late && late < Deadline::never());
        assert_eq!(Deadline::after(Duration::MAX), Deadline::never());
    }
}
