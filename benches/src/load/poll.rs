//! Readiness elsewhere: `poll(2)`, which looks at every connection on every wait. Twin:
//! `epoll.rs`.

#![allow(unsafe_code, reason = "poll has no safe face in std")]

use std::io;
use std::os::fd::RawFd;

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

/// Says which connections can be read or written. One entry for each, at its index; -1 (which
/// poll skips) where none is.
#[derive(Debug)]
pub struct Poller(Vec<Entry>);

/// A `pollfd`, which is not `Debug` on every system.
#[derive(Debug)]
struct Entry {
    fd: RawFd,
    write: bool,
}

impl Poller {
    /// Makes one that knows no connection.
    ///
    /// # Errors
    /// If there are no more descriptors.
    pub fn new() -> io::Result<Self> {
        Ok(Self(Vec::new()))
    }

    /// Adds a connection, for reading.
    ///
    /// # Errors
    /// If the kernel refuses the descriptor.
    pub fn add(&mut self, fd: RawFd, index: usize) -> io::Result<()> {
        while self.0.len() <= index {
            self.0.push(Entry {
                fd: -1,
                write: false,
            });
        }
        self.0[index] = Entry { fd, write: false };
        Ok(())
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
        self.0[index] = Entry { fd, write: want };
        Ok(())
    }

    /// Forgets a connection.
    pub fn remove(&mut self, _fd: RawFd, index: usize) {
        self.0[index].fd = -1;
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
        let entry = |entry: &Entry| libc::pollfd {
            fd: entry.fd,
            events: libc::POLLIN | if entry.write { libc::POLLOUT } else { 0 },
            revents: 0,
        };
        let mut entries: Vec<libc::pollfd> = self.0.iter().map(entry).collect();
        let len = entries.len() as libc::nfds_t;
        // SAFETY: the kernel reads and writes `len` entries of a live vector that has as
        // many.
        let n = unsafe { libc::poll(entries.as_mut_ptr(), len, timeout_ms) };
        if n < 0 {
            let err = io::Error::last_os_error();
            return match err.kind() {
                io::ErrorKind::Interrupted => Ok(()),
                _ => Err(err),
            };
        }
        let answered = entries.iter().enumerate().filter(|(_, e)| e.revents != 0);
        ready.extend(answered.map(|(index, entry)| Ready {
            index,
            // Errors and hang-ups too: the read will say which.
            readable: entry.revents & !libc::POLLOUT != 0,
            writable: entry.revents & libc::POLLOUT != 0,
        }));
        Ok(())
    }
}
