//! A time limit, counted from its start: what is left of it goes down by every wait, also by
//! one that ended for no reason.

use crate::ground::atomic::AtomicU32;
use crate::ground::futex;
use crate::ground::time::{Duration, Instant};

/// Until when somebody waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit(Option<Instant>);

impl Limit {
    /// Waits for as long as it takes.
    pub(super) const NONE: Self = Self(None);

    /// Waits for `limit` from now. A moment that the clock cannot express never comes.
    pub(super) fn of(limit: Duration) -> Self {
        Self(Instant::now().checked_add(limit))
    }

    /// Sleeps while `word` is `expected`, until woken. `false` if time is up; it may return
    /// `true` for no reason.
    pub(super) fn wait(self, word: &AtomicU32, expected: u32) -> bool {
        let Some(end) = self.0 else {
            futex::wait(word, expected);
            return true;
        };
        let left = end.saturating_duration_since(Instant::now());
        !left.is_zero() && futex::wait_timeout(word, expected, left)
    }
}
