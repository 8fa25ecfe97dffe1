//! Waiting under a lock for what somebody else does under the same lock.
//!
//! | version | how no notification is missed | what a notification costs |
//! |---|---|---|
//! | [`v1_sequence`] | each changes a number; who waits has read it before unlocking | a system call, whether anyone waits or not |
//! | [`v2_counted`] | the same | a load while nobody waits |
//!
//! # Spurious wake-ups
//! A wait may end though nobody notified: the kernel may let a sleeper go for reasons of
//! its own, and a notification for one may end two waits, if the second was about to sleep
//! and saw the number change. So whoever waits looks at the condition again, in a loop:
//! that is what [`wait_while`](Condvar::wait_while) does.
//!
//! Even without them, who was notified must look again. Between the notification and the
//! lock another thread may have been there and taken what there was.

pub mod v1_sequence;
pub mod v2_counted;

pub use v2_counted::Condvar;

#[cfg(test)]
mod models;

/// Whether a wait ended because its time was up. As [`std::sync::WaitTimeoutResult`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the time was up. Look at the condition all the same: it may have come true
    /// at the last moment.
    #[must_use]
    pub fn timed_out(&self) -> bool {
        self.0
    }
}
