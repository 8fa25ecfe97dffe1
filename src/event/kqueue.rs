//! The loop's kernel on macOS and FreeBSD: kqueue(2), with EVFILT_USER to wake it.
//!
//! The twin of `epoll.rs`: the same items, in the same order. Where they differ, both say so.

use std::io;
use std::time::Duration;

use super::ready::Ready;
use super::table::Change;

/// What a test prints, to say on what it ran.
pub(super) const BACKEND: &str = if cfg!(target_os = "linux") {
    "kqueue (libkqueue)"
} else {
    "kqueue"
};

/// How many directions one entry may speak of. epoll: both. kqueue: one.
pub(super) const DIRECTIONS: usize = 1;

/// What the kernel takes and gives.
pub(super) type Entry = u64;

/// An entry that says nothing, for the kernel to write over.
pub(super) const EMPTY: Entry = 0;

/// The kernel's side of a loop.
#[derive(Debug)]
pub(super) struct Poller {}

impl Poller {
    /// Makes the set of entries, with the waker's already in it.
    pub(super) fn new() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Tells the kernel of a change.
    pub(super) fn apply(&self, _change: &Change) -> io::Result<()> {
        Ok(())
    }

    /// Sleeps until there is something to tell, at most for `limit`.
    pub(super) fn wait(
        &self,
        _entries: &mut [Entry],
        _limit: Option<Duration>,
    ) -> io::Result<usize> {
        Ok(0)
    }

    /// What an entry says. `None` for the waker's: its word says more.
    pub(super) fn translate(_entry: &Entry) -> Option<Ready> {
        None
    }

    /// Ends a wait, from any thread: the one that sleeps now, or else the next.
    pub(super) fn wake(&self) -> io::Result<()> {
        Ok(())
    }
}
