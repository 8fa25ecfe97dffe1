//! Readiness on Linux: level-triggered epoll. Twin: `poll.rs`.

#![allow(unsafe_code, reason = "epoll has no safe face in std")]

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// One wait returns at most this many; the rest stay queued in the kernel.
const EVENTS_MAX: usize = 512;

/// What can be done with one connection.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// The number that it was added with.
    pub index: usize,
    /// A read would not wait. It may find the end, or an error.
    pub readable: bool,
    /// A write would not wait.
    pub writable: bool,
}

/// Says which connections can be read or written.
#[derive(Debug)]
pub struct Poller(OwnedFd);

impl Poller {
    /// Makes one that knows no connection.
    ///
    /// # Errors
    /// If there are no more descriptors.
    pub fn new() -> io::Result<Self> {
        // SAFETY: takes no pointer; the result is checked below.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just returned `fd`: it is open and nobody else's.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Adds a connection, for reading.
    ///
    /// # Errors
    /// If the kernel refuses the descriptor.
    pub fn add(&mut self, fd: RawFd, index: usize) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, index, libc::EPOLLIN)
    }

    /// Asks to be told, or no longer, when a connection can be written.
    ///
    /// # Errors
    /// If it has not been added.
    pub fn want_write(
        &mut self,
        fd: RawFd,
        index: usize,
        want: bool,
    ) -> io::Result<()> {
        let interest = libc::EPOLLIN | if want { libc::EPOLLOUT } else { 0 };
        self.control(libc::EPOLL_CTL_MOD, fd, index, interest)
    }

    /// Forgets a connection.
    pub fn remove(&mut self, fd: RawFd, index: usize) {
        // Fails only if it is not registered, and then there is nothing to do.
        let _ = self.control(libc::EPOLL_CTL_DEL, fd, index, 0);
    }

    fn control(
        &self,
        op: i32,
        fd: RawFd,
        index: usize,
        what: i32,
    ) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: what as u32,
            u64: index as u64,
        };
        // SAFETY: `event` is a live local that the call only reads. A descriptor that is
        // not open is an error that the kernel reports, not undefined behaviour.
        match unsafe { libc::epoll_ctl(self.0.as_raw_fd(), op, fd, &raw mut event) }
        {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Waits at most `timeout_ms` and replaces what is in `ready`. EINTR is an empty
    /// batch: the caller looks at its clock and waits again.
    ///
    /// # Errors
    /// What the kernel says; none is known.
    pub fn wait(
        &mut self,
        timeout_ms: i32,
        ready: &mut Vec<Ready>,
    ) -> io::Result<()> {
        ready.clear();
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; EVENTS_MAX];
        let (fd, max) = (self.0.as_raw_fd(), EVENTS_MAX as i32);
        // SAFETY: the kernel writes at most `max` entries to a live local of that many.
        let n =
            unsafe { libc::epoll_wait(fd, events.as_mut_ptr(), max, timeout_ms) };
        if n < 0 {
            let err = io::Error::last_os_error();
            return match err.kind() {
                io::ErrorKind::Interrupted => Ok(()),
                _ => Err(err),
            };
        }
        ready.extend(events[..n as usize].iter().map(|event| {
            let what = event.events as i32;
            Ready {
                index: event.u64 as usize,
                // Errors and hang-ups too: the read will say which.
                readable: what & !libc::EPOLLOUT != 0,
                writable: what & libc::EPOLLOUT != 0,
            }
        }));
        Ok(())
    }
}
