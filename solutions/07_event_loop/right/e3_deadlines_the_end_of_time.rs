//! The last moment that the clock knows is never.

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Duration);

impl Deadline {
    pub fn never() -> Self {
        Self(Duration::MAX)
    }

    pub fn after(now: Duration, limit: Duration) -> Self {
        Self(now.saturating_add(limit))
    }

    pub fn remaining(self, now: Duration) -> Option<Duration> {
        (self != Self::never()).then(|| self.0.saturating_sub(now))
    }

    pub fn earlier(self, other: Self) -> Self {
        self.min(other)
    }
}

pub fn timeout_ms(left: Option<Duration>) -> i32 {
    left.map_or(-1, |left| {
        let ms = left.as_nanos().div_ceil(1_000_000);
        i32::try_from(ms).unwrap_or(i32::MAX)
    })
}

pub fn wait(kernel: &impl Kernel, deadline: Deadline) -> usize {
    let left = deadline.remaining(kernel.now());
    match kernel.poll(timeout_ms(left)) {
        Polled::Events(events) => events,
        _ if Deadline(kernel.now()) >= deadline => 0,
        _ => wait(kernel, deadline),
    }
}

// --- to here ---
