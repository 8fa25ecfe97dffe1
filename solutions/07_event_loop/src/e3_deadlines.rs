//! 07.3 (implement): how long a loop may wait, and whether it has waited long enough.
//!
//! A loop waits in the kernel, for events or until the next deadline. The kernel takes
//! whole milliseconds, as an `i32`, and a negative number means that there is no limit. Its
//! call ends early when a signal comes. So there is some arithmetic between a deadline and
//! that call, and each line of it has been wrong in somebody's loop.
//!
//! Goal:
//!
//! - `Deadline::after(now, limit)` is `limit` after `now`, whatever `limit` is: one that is
//!   too large for the clock is as good as none.
//! - `remaining(now)` is what is left until then: `None` if there is no deadline, zero once
//!   it is over. `earlier` is the one of two that comes first.
//! - `timeout_ms(left)` is what the kernel takes: -1 for `None`, else the milliseconds,
//!   rounded **up**, so that a wait does not end before its time. What an `i32` can't hold is
//!   cut to `i32::MAX`.
//! - `wait` asks the kernel, by `poll`, and returns how many events there are as soon as there
//!   are some; or 0 when the deadline is over, and no sooner. It asks at least once, since
//!   there may be events although the deadline is over. A call that has ended without events
//!   before the deadline (by a signal, since the time was cut, or for no reason) is made
//!   again, with what is left.
//! - Nothing of this panics, and nobody asks again and again: each call of `poll` may take
//!   all the time that is left.
//!
//! Time is a `Duration` since some moment in the past. The graders' clock moves only in
//! `poll`.
//!
//! Edit between the markers only. About 25 lines, 20 minutes.
//! Stuck? `cargo hint 07.3`, three levels.
//!
//! A failing run prints for instance
//! ```text
//! timeout_ms(Some(300µs)) is 0: a wait that is rounded down ends before its time, and the
//! loop asks again and again. Round up: 1
//! ```

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
