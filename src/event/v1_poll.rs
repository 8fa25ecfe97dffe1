//! The first version: `poll(2)`, and all descriptors anew at each wait.
//!
//! It keeps the contract of [`event::Loop`](super::Loop), on any Unix, in two hundred
//! lines. What it costs is in its three loops, each of which runs over *all* registrations:
//!
//! 1. `add` and `del` search the array for the descriptor,
//! 2. the kernel copies the whole array, and asks each descriptor in it how it is,
//! 3. `wait` looks at each entry for those few that have something to say.
//!
//! With one connection nothing is faster. With 10,000 of which one speaks, each wait does
//! 10,000 times what is needed: that is what `epoll` and `kqueue` were made for. They keep
//! the array in the kernel, so that a wait costs as much as there are events.
//!
//! Two things are simpler than in the later version, and worse: a [`Waker`] is a pipe, and
//! each wake writes to it, whether the loop sleeps or not; and where the system has no
//! `POLLRDHUP` (Darwin), `eof` does not tell of a half-close, only the read that returns 0
//! does.

#![allow(unsafe_code, reason = "poll, and fcntl for the pipe")]

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use libc::{POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, c_short, pollfd};

use super::deadline::milliseconds;
use super::sys::{check, error};
use super::{Deadline, Event, Events};

/// That the other side will send no more: only asked for together with `POLLIN`, or a
/// connection that has been half-closed would wake a loop that only waits to write.
#[cfg(not(target_vendor = "apple"))]
const POLLRDHUP: c_short = libc::POLLRDHUP;
#[cfg(target_vendor = "apple")]
const POLLRDHUP: c_short = 0;

/// What is asked of the kernel for each interest.
const READ: c_short = POLLIN | POLLRDHUP;
const WRITE: c_short = POLLOUT;
/// What the kernel says without being asked. With any of them, whatever was asked for is
/// reported: who reads or writes next is told what happened.
const BROKEN: c_short = POLLERR | POLLHUP | POLLNVAL;

/// The naive loop: as [`event::Loop`](super::Loop), and slower the more there is to watch.
///
/// # Example
/// ```
/// use std::io::Write;
/// use std::os::fd::AsFd;
/// use std::time::Duration;
/// use threadbare::event::{Events, v1_poll};
///
/// let (receives, mut sends) = std::io::pipe()?;
/// let mut naive = v1_poll::Loop::new()?;
/// let mut events = Events::with_capacity(8);
/// naive.add_read(receives.as_fd(), 7)?;
///
/// naive.wait(&mut events, Some(Duration::ZERO))?;
/// assert!(events.is_empty());
///
/// sends.write_all(b"hello")?;
/// naive.wait(&mut events, None)?;
/// assert!(events.iter().any(|event| event.user == 7 && event.readable));
/// # Ok::<_, std::io::Error>(())
/// ```
// ANCHOR: struct
#[derive(Debug)]
pub struct Loop {
    /// What is handed to the kernel at each wait. The first is the pipe of the waker.
    polled: Vec<Polled>,
    /// The user words for reading and for writing of the descriptor at the same index.
    users: Vec<[u64; 2]>,
    /// Where the next look begins: who had no room in `events` comes first then.
    turn: usize,
    pipe: PipeReader,
    waker: Waker,
}
// ANCHOR_END: struct

/// A `pollfd` that can be shown.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Polled(pollfd);

impl std::fmt::Debug for Polled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {:#x}", self.0.fd, self.0.events)
    }
}

impl Loop {
    /// Which system call this is.
    pub const BACKEND: &str = "poll";

    /// A loop without registrations.
    ///
    /// # Errors
    /// If no pipe can be had for the waker: the process has no descriptors left.
    pub fn new() -> io::Result<Self> {
        let (pipe, end) = io::pipe().map_err(|it| named("pipe", &it))?;
        set_nonblocking(pipe.as_raw_fd())?;
        set_nonblocking(end.as_raw_fd())?;
        let first = pollfd {
            fd: pipe.as_raw_fd(),
            events: POLLIN,
            revents: 0,
        };
        Ok(Self {
            polled: vec![Polled(first)],
            users: vec![[0; 2]],
            turn: 0,
            pipe,
            waker: Waker {
                pipe: Arc::new(end),
            },
        })
    }

    /// Reports from now on when `fd` can be read from, with this user word. Remove it
    /// before you close it.
    ///
    /// # Errors
    /// `AlreadyExists` if it is registered for reading.
    /// # Cost
    /// A search among all. No system call.
    pub fn add_read(&mut self, fd: BorrowedFd<'_>, user: u64) -> io::Result<()> {
        self.add(fd, READ, user)
    }

    /// As [`add_read`](Self::add_read), for writing. What is never full is always writable:
    /// keep this only while there is something to write.
    ///
    /// # Errors
    /// `AlreadyExists` if it is registered for writing.
    pub fn add_write(&mut self, fd: BorrowedFd<'_>, user: u64) -> io::Result<()> {
        self.add(fd, WRITE, user)
    }

    /// Takes the read interest away.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub fn del_read(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.del(fd, READ)
    }

    /// Takes the write interest away.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub fn del_write(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.del(fd, WRITE)
    }

    /// How many interests there are; a descriptor with both counts twice.
    #[must_use]
    pub fn registered(&self) -> usize {
        let asked = self.polled[1..].iter().map(|polled| polled.0.events);
        asked
            .map(|asked| {
                usize::from(asked & READ != 0) + usize::from(asked & WRITE != 0)
            })
            .sum()
    }

    /// What wakes this loop from another thread.
    #[must_use]
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    // ANCHOR: wait
    /// Waits until a descriptor is ready, a [`Waker`] is used, or `timeout` is over; `None`
    /// is no limit. Then `events` has what there is, at most as much as it has room for.
    ///
    /// Read and write interests of one descriptor come as two events.
    ///
    /// # Errors
    /// What `poll` returns: more descriptors than the process may have, or no memory.
    /// # Blocking
    /// Sleeps in `poll`. The timeout is rounded up to milliseconds. A signal (EINTR) does
    /// not end it, nor does it make it longer.
    /// # Cost
    /// One system call, and two looks at each registration: one here, one in the kernel.
    // ANCHOR: wait_body
    pub fn wait(
        &mut self,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        events.clear();
        let deadline = timeout.map_or(Deadline::never(), Deadline::after);
        let mut ready = 0;
        while ready == 0 {
            let limit = deadline.remaining();
            ready = self.poll(limit.map_or(-1, milliseconds))?;
            if ready == 0 && limit.is_some() && deadline.expired() {
                return Ok(());
            }
        }
        // The pipe first, and always: a wake needs no room.
        if self.event(0, 0).is_some() {
            events.set_woken(true);
            self.drain();
        }
        // Two events for each descriptor, one for each interest; the look goes once round.
        let interests = 2 * (self.polled.len() - 1);
        for step in 0..interests {
            let at = (self.turn + step) % interests;
            let Some(event) = self.event(1 + at / 2, at % 2) else {
                continue;
            };
            if events.room() > 0 {
                events.push(event);
            } else {
                self.turn = at;
                break;
            }
        }
        Ok(())
    }
    // ANCHOR_END: wait_body
    // ANCHOR_END: wait

    // ANCHOR: event
    /// What the kernel said of one interest, if it is there and has something to say.
    fn event(&self, index: usize, writes: usize) -> Option<Event> {
        let pollfd {
            fd,
            events,
            revents,
        } = self.polled[index].0;
        let interest = [READ, WRITE][writes];
        if events & interest == 0 || revents & (interest | BROKEN) == 0 {
            return None;
        }
        // A half-close says nothing to who writes.
        let ended = POLLHUP | (interest & POLLRDHUP);
        Some(Event {
            fd,
            user: self.users[index][writes],
            readable: interest == READ,
            writable: interest == WRITE,
            eof: revents & ended != 0,
            err: revents & (POLLERR | POLLNVAL) != 0,
            nbytes: 0,
        })
    }
    // ANCHOR_END: event

    /// Calls `poll` once. Returns 0 if nothing is ready, or if a signal came (EINTR): the
    /// caller looks at its deadline, and comes again.
    fn poll(&mut self, timeout_ms: libc::c_int) -> io::Result<usize> {
        let polled: *mut Polled = self.polled.as_mut_ptr();
        let count = self.polled.len() as libc::nfds_t;
        // SAFETY: `polled` are `count` entries, each of which is a `pollfd`; the kernel
        // reads them and writes their `revents`, and they are borrowed until it returns.
        let ready = unsafe { libc::poll(polled.cast(), count, timeout_ms) };
        match check("poll", ready) {
            Ok(ready) => Ok(ready as usize),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn add(
        &mut self,
        fd: BorrowedFd<'_>,
        interest: c_short,
        user: u64,
    ) -> io::Result<()> {
        let index = self.find(fd).unwrap_or(self.polled.len());
        if index == self.polled.len() {
            self.polled.push(Polled(pollfd {
                fd: fd.as_raw_fd(),
                events: 0,
                revents: 0,
            }));
            self.users.push([0; 2]);
        }
        let asked = &mut self.polled[index].0.events;
        if *asked & interest != 0 {
            let message = format!("descriptor {}: registered", fd.as_raw_fd());
            return Err(io::Error::new(ErrorKind::AlreadyExists, message));
        }
        *asked |= interest;
        self.users[index][usize::from(interest == WRITE)] = user;
        Ok(())
    }

    fn del(&mut self, fd: BorrowedFd<'_>, interest: c_short) -> io::Result<()> {
        let index = self.find(fd).ok_or(ErrorKind::NotFound)?;
        let asked = &mut self.polled[index].0.events;
        if *asked & interest == 0 {
            return Err(ErrorKind::NotFound.into());
        }
        *asked &= !interest;
        if *asked == 0 {
            self.polled.swap_remove(index);
            self.users.swap_remove(index);
        }
        Ok(())
    }

    /// Where this descriptor is. The pipe at 0 is nobody's.
    fn find(&self, fd: BorrowedFd<'_>) -> Option<usize> {
        let is_it = |polled: &Polled| polled.0.fd == fd.as_raw_fd();
        Some(1 + self.polled[1..].iter().position(is_it)?)
    }

    /// Empties the pipe, so that it is not readable for ever.
    fn drain(&mut self) {
        let mut bytes = [0; 1024];
        while let Ok(1..) = self.pipe.read(&mut bytes) {}
    }
}

/// Wakes a [`Loop`] from any thread: a byte in a pipe.
#[derive(Clone, Debug)]
pub struct Waker {
    pipe: Arc<PipeWriter>,
}

impl Waker {
    /// Makes the current [`wait`](Loop::wait) return, or else the next one.
    ///
    /// # Errors
    /// `BrokenPipe` if the loop is gone.
    /// # Cost
    /// One system call, always.
    pub fn wake(&self) -> io::Result<()> {
        match (&*self.pipe).write(&[1]) {
            // A full pipe is as readable as can be.
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(named("write", &error)),
            Ok(_) => Ok(()),
        }
    }
}

/// An error of std's, with the name of the call that it made.
fn named(call: &'static str, unnamed: &io::Error) -> io::Error {
    error(call, unnamed.raw_os_error().unwrap_or(0))
}

fn set_nonblocking(fd: RawFd) -> io::Result<()> {
    // SAFETY: it takes three numbers. EINTR: impossible, for it does not wait.
    let result = unsafe { libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK) };
    check("fcntl", result).map(drop)
}
