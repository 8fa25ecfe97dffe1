//! must say: and does not come back
//!
//! After each signal it waits the whole time again: a timer that sends one every 3 ms keeps it
//! for ever.

pub use std::time::Duration;

/// What a call of `poll` brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    /// So many events, at least one.
    Events(usize),
    /// None, and the time is over, as far as the kernel can tell.
    Nothing,
    /// None: a signal has come (EINTR).
    Interrupted,
}

/// A clock, and the call in which a loop waits.
pub trait Kernel {
    /// What time it is.
    fn now(&self) -> Duration;
    /// Waits for events, at most so many milliseconds; any negative number is no limit.
    fn poll(&self, timeout_ms: i32) -> Polled;
}

// --- edit from here ---

/// A moment at which a wait has to be over, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// `None`: there is no deadline.
    at: Option<Duration>,
}

impl Deadline {
    /// None.
    pub fn never() -> Self {
        Self { at: None }
    }

    /// The moment that is `limit` after `now`.
    pub fn after(now: Duration, limit: Duration) -> Self {
        let at = now.checked_add(limit);
        Self { at }
    }

    /// How much is left at `now`.
    pub fn remaining(self, now: Duration) -> Option<Duration> {
        // A loop looks at the clock after the deadline more often than before.
        self.at.map(|at| at.saturating_sub(now))
    }

    /// The one of two that comes first.
    //
    // Rejected: `min` of the two `Option`s. None is less than every Some, so that a deadline
    // that never comes would be the first.
    pub fn earlier(self, other: Self) -> Self {
        match (self.at, other.at) {
            (Some(one), Some(two)) => Self {
                at: Some(one.min(two)),
            },
            (at, None) | (None, at) => Self { at },
        }
    }
}

/// What the kernel takes: milliseconds, rounded up, or -1 for no limit.
pub fn timeout_ms(left: Option<Duration>) -> i32 {
    let Some(left) = left else {
        return -1;
    };
    // Nanoseconds, since `as_millis` rounds down; and no `as i32`, which would make a
    // negative number of 30 days: no limit at all.
    let ms = left.as_nanos().div_ceil(1_000_000);
    ms.try_into().unwrap_or(i32::MAX)
}

/// Waits for events until the deadline; returns how many there are.
pub fn wait(kernel: &impl Kernel, deadline: Deadline) -> usize {
    let left = deadline.remaining(kernel.now());
    loop {
        match kernel.poll(timeout_ms(left)) {
            Polled::Events(events) => return events,
            Polled::Nothing
                if deadline
                    .remaining(kernel.now())
                    .is_some_and(|left| left.is_zero()) =>
            {
                return 0;
            }
            _ => {}
        }
    }
}

// --- to here ---
