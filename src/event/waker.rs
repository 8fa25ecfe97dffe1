//! What other threads have of a loop.

use std::{fmt, io};

use super::Shared;
use crate::ground::sync::Arc;

/// Wakes a [`Loop`](super::Loop) from another thread.
#[derive(Clone)]
pub struct Waker {
    pub(super) shared: Arc<Shared>,
}

impl Waker {
    /// Makes the loop's [`wait`](super::Loop::wait) return: the one in which it is now, or
    /// else the next. Many wakes before that are one.
    ///
    /// Put down first what the loop shall find, then wake it.
    ///
    /// # Errors
    /// What the system call says; none is known that a live loop could cause. The loop may
    /// sleep on.
    /// # Blocking
    /// Never.
    /// # Memory ordering
    /// Everything before this call happens-before the return of the wait that reports it
    /// ([`Events::woken`](super::Events::woken)), for each of the wakes that became one.
    /// # Cost
    /// One swap. A system call only if the loop sleeps, and no other wake is on its way to it.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use std::thread;
    /// use threadbare::event::{Events, Loop};
    ///
    /// let mut event_loop = Loop::new()?;
    /// let mut events = Events::with_capacity(8);
    /// let (waker, (sender, receiver)) = (event_loop.waker(), mpsc::channel());
    /// let other = thread::spawn(move || {
    ///     sender.send("done").unwrap();
    ///     waker.wake()
    /// });
    /// while !events.woken() {
    ///     event_loop.wait(&mut events, None)?;
    /// }
    /// assert_eq!(receiver.try_recv(), Ok("done"));
    /// other.join().unwrap()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    // ANCHOR: wake
    pub fn wake(&self) -> io::Result<()> {
        if self.shared.handshake.notify() {
            self.shared.poller.wake()?;
        }
        Ok(())
    }
    // ANCHOR_END: wake
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waker").finish_non_exhaustive()
    }
}
