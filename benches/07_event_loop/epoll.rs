//! Epoll with nothing around it, for the rows that are not about a library (Linux).

#![allow(unsafe_code, reason = "epoll has no safe face in std")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

pub(crate) use libc::{
    EPOLL_CTL_ADD as ADD, EPOLL_CTL_MOD as MOD, EPOLLET as EDGE,
    EPOLLEXCLUSIVE as EXCLUSIVE, EPOLLIN as IN, EPOLLONESHOT as ONESHOT,
    EPOLLOUT as OUT,
};

/// One wait returns at most this many events, as in all loops of this bench.
const EVENTS_MAX: usize = super::loops::EVENTS_MAX;

pub(crate) struct Epoll(OwnedFd);

/// Which events a wait has brought: what happened, and the key that was registered.
pub(crate) struct Events {
    list: Vec<libc::epoll_event>,
}

impl Events {
    pub(crate) fn new() -> Self {
        let list = vec![libc::epoll_event { events: 0, u64: 0 }; EVENTS_MAX];
        Self { list }
    }
}

impl Epoll {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: takes no pointer; the result is checked below.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just returned `fd`: it is open and nobody else's.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Adds or modifies (`how`) a registration.
    pub(crate) fn control(
        &self,
        how: i32,
        fd: BorrowedFd<'_>,
        what: i32,
        key: u64,
    ) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: what as u32,
            u64: key,
        };
        let (epoll, fd) = (self.0.as_raw_fd(), fd.as_raw_fd());
        // SAFETY: `event` is a live local that the call only reads.
        match unsafe { libc::epoll_ctl(epoll, how, fd, &raw mut event) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Waits at most `timeout_ms` (-1: no limit). EINTR is an empty batch.
    pub(crate) fn wait<'e>(
        &self,
        events: &'e mut Events,
        timeout_ms: i32,
    ) -> impl Iterator<Item = (i32, u64)> + 'e {
        let (fd, max) = (self.0.as_raw_fd(), events.list.len() as i32);
        let list = events.list.as_mut_ptr();
        // SAFETY: the kernel writes at most `max` entries to a vector that has as many.
        let n = unsafe { libc::epoll_wait(fd, list, max, timeout_ms) };
        let got = &events.list[..usize::try_from(n).unwrap_or(0)];
        got.iter().map(|event| (event.events as i32, event.u64))
    }
}
