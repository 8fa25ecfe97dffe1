//! What other threads tell a loop: a list behind a lock, and the loop's waker.
//!
//! 1. Who has something to tell puts it into the list. If it was **empty** before, it wakes
//!    the loop, which is no system call if that one is awake.
//! 2. The loop, when a wait says that it was woken, takes **all**, by a swap with an empty
//!    list of its own.
//!
//! So of those who come while the list waits to be taken only the first wakes. None is
//! forgotten: whoever found it not empty came after one who wakes, and before the loop took
//! the list. And no memory is asked for once both lists have grown to what is needed.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::fmt;
use std::mem;

use crate::event::Waker;
use crate::ground::sync::{Mutex, MutexGuard, PoisonError};

/// What a loop is told by others.
pub(crate) struct Inbox<T> {
    messages: Messages<T>,
    waker: Waker,
}

impl<T> Inbox<T> {
    /// An empty one, of the loop that `waker` wakes.
    pub(crate) fn new(waker: Waker) -> Self {
        Self {
            messages: Messages::new(),
            waker,
        }
    }

    // ANCHOR: push
    /// Tells the loop.
    ///
    /// # Blocking
    /// For the lock, which nobody has for longer than it takes to move a message.
    /// # Memory ordering
    /// Everything before this call happens-before the return of the `take` that has the
    /// message.
    /// # Cost
    /// One lock. Only if the list was empty the loop is woken: [`Waker::wake`].
    #[inline]
    pub(crate) fn push(&self, message: T) {
        if self.messages.put(message) {
            // An error would mean that the loop is broken, and its next wait says so.
            let _ = self.waker.wake();
        }
    }
    // ANCHOR_END: push

    /// Takes all that there is, in the order in which it came, into an empty list. The loop
    /// does so whenever a wait has reported a wake.
    ///
    /// # Cost
    /// One lock and a swap.
    #[inline]
    pub(crate) fn take(&self, into: &mut Vec<T>) {
        self.messages.take(into);
    }
}

impl<T> fmt::Debug for Inbox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("messages", &self.messages.lock().len())
            .finish_non_exhaustive()
    }
}

// ANCHOR: messages
/// The list.
struct Messages<T>(Mutex<Vec<T>>);

impl<T> Messages<T> {
    fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Puts a message behind the others. Whether the loop must be woken for it.
    #[inline]
    fn put(&self, message: T) -> bool {
        let mut messages = self.lock();
        messages.push(message);
        messages.len() == 1
    }

    /// Takes all, and leaves the memory of `into` for those who come next.
    #[inline]
    fn take(&self, into: &mut Vec<T>) {
        debug_assert!(into.is_empty(), "nothing is told twice");
        mem::swap(&mut *self.lock(), into);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        // A message is moved under this lock, and nothing of it is run.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
// ANCHOR_END: messages

#[cfg(test)]
mod models;
