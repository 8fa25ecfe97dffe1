//! A handle that refuses use after close.
//!
//! In C, and in Zig, a handle that one thread closes while another uses it is freed memory
//! in use. In Rust the compiler prevents that, but only by forbidding what is wanted: many
//! clones, any of which may close. This is what is left to do at run time. The value sits in
//! an `Option` behind a mutex. Who uses it, uses it under the lock; who closes it takes it
//! out, so that there is nothing to take a second time.
//!
//! Source: the lock around a client's handle in [TigerBeetle], `src/clients/c/tb_client`,
//! which turns use after close from memory corruption into an error.
//!
//! [TigerBeetle]: https://github.com/tigerbeetle/tigerbeetle

use std::fmt;

use super::Closed;
use crate::ground::on_std::sync::{Arc, Mutex, PoisonError};

/// A handle to a value that is closed once. Clones are handles to the same value.
///
/// # Poisoning
/// Used. A panic inside [`with`](Self::with) leaves the value as it was at that moment,
/// perhaps half-way through a change. Nobody may use it any more: `with` says [`Closed`] from
/// then on. But it has still to be taken down: [`close`](Self::close) hands it out, once, as
/// if nothing had happened.
///
/// # Example
/// ```
/// use threadbare::locks::{Closed, Locker};
///
/// let log = Locker::new(vec!["start"]);
/// let theirs = log.clone();
/// theirs.with(|lines| lines.push("work")).unwrap();
///
/// assert_eq!(log.close().unwrap(), ["start", "work"]);
/// assert_eq!(theirs.with(|lines| lines.len()), Err(Closed(())));
/// assert_eq!(theirs.close(), Err(Closed(())));
/// ```
pub struct Locker<T> {
    /// `None` once it is closed.
    value: Arc<Mutex<Option<T>>>,
}

impl<T> Locker<T> {
    /// A handle to `value`, open.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self {
            value: Arc::new(Mutex::new(Some(value))),
        }
    }

    /// Calls `work` with the value, unless it has been closed. One thread at a time.
    ///
    /// # Errors
    /// [`Closed`]: it was closed, or an earlier `work` panicked.
    /// # Blocking
    /// Waits while another thread is inside. `work` runs under the lock, and what it has
    /// captured is dropped there, so keep it short; if it calls `with` or `close` on the same
    /// handle, it waits for itself for ever. When it is refused, `work` is dropped after the
    /// lock has been let go.
    /// # Memory ordering
    /// All earlier calls of `work` happen-before this one.
    // ANCHOR: with
    #[track_caller]
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Result<R, Closed> {
        if let Ok(mut value) = self.value.lock() // or else somebody panicked in here
            && let Some(value) = value.as_mut()
        {
            return Ok(work(value));
        }
        // Unlocked. Only now is `work` dropped, with what it has captured: that may use this
        // handle, too.
        Err(Closed(()))
    }
    // ANCHOR_END: with

    /// Closes the handle and all its clones, and hands out the value. Of all calls, on all
    /// threads, one gets it.
    ///
    /// # Errors
    /// [`Closed`]: somebody else has it.
    /// # Blocking
    /// Waits while a thread is inside [`with`](Self::with).
    /// # Memory ordering
    /// All calls of `work` happen-before this call's return.
    // ANCHOR: close
    #[track_caller]
    pub fn close(&self) -> Result<T, Closed> {
        // Poison does not matter: to take the value out is right whatever state it is in.
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        value.take().ok_or(Closed(()))
    }
    // ANCHOR_END: close
}

impl<T> Clone for Locker<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
        }
    }
}

impl<T> fmt::Debug for Locker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the lock: a message must not wait for whoever is inside.
        f.debug_struct("Locker").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;
