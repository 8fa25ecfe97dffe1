//! A flag that is raised once, to end loops on other threads.
//!
//! `Relaxed` would be enough to end the loops. It is [`Release`](std::sync::atomic::Ordering)
//! and `Acquire` here because of what comes after the loop: whoever leaves it because of the
//! flag asks why, and reads what the stopper wrote before it raised the flag. On x86 the two
//! cost nothing; on ARM an `Acquire` load is another instruction of about the same price.

use crate::ground::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use crate::ground::const_new;

/// Tells threads to stop, when they next look.
///
/// It wakes nobody: a thread that sleeps does not look. To wake it as well is what
/// [`Signal`](super::Signal) does.
///
/// ```
/// use threadbare::atomic::StopFlag;
///
/// let stop = StopFlag::new();
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         while !stop.is_stopped() {
///             std::thread::yield_now();
///         }
///     });
///     stop.stop();
/// });
/// ```
#[derive(Debug, Default)]
pub struct StopFlag {
    stopped: AtomicBool,
}

impl StopFlag {
    const_new! {
        /// Makes a flag that is not raised.
        pub fn new() -> Self {
            Self { stopped: AtomicBool::new(false) }
        }
    }

    /// Raises the flag, for good. To do so again changes nothing.
    ///
    /// # Memory ordering
    /// What the caller did before happens-before what anybody does who has seen
    /// [`is_stopped`](Self::is_stopped) return true. If several stop, that holds for one of
    /// them at least.
    /// # Cost
    /// One store.
    pub fn stop(&self) {
        // ORDERING: Release. Who stops may leave a reason; pairs with the Acquire load in
        // `is_stopped`.
        self.stopped.store(true, Release);
    }

    /// Returns whether the flag was raised.
    ///
    /// # Memory ordering
    /// If true, see [`stop`](Self::stop). If false, nothing: it may have been raised since.
    /// # Cost
    /// One load of a line that nobody writes: cheap enough for every round of a loop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        // ORDERING: Acquire pairs with the Release store in `stop`.
        self.stopped.load(Acquire)
    }
}

#[cfg(test)]
mod models;
