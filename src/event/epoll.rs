//! The loop's kernel on Linux: epoll(7), and an eventfd(2) to wake it.
//!
//! The twin of `kqueue.rs`: the same items, in the same order. Where they differ, both say so.
//!
//! - **Interest.** epoll: one entry a descriptor, with a mask. kqueue: one a direction.
//! - **Telling.** epoll: one system call a change. kqueue: a list of changes.
//! - **Waking.** epoll: a descriptor of its own, the eventfd. kqueue: a filter, EVFILT_USER.
//! - **Counts.** epoll: says that there are bytes. kqueue: says how many.

#![allow(
    unsafe_code,
    reason = "system calls on descriptors and buffers that are borrowed here"
)]

#[cfg(test)]
mod timer;

use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr;
use std::time::Duration;

use super::deadline::{LONGEST, milliseconds};
use super::ready::Ready;
use super::sys::{check, code};
use super::table::{Change, Interest};
use crate::ground::atomic::{AtomicBool, Ordering::Relaxed};

/// What a test prints, to say on what it ran.
pub(super) const BACKEND: &str = "epoll";

/// How many directions one entry may speak of. epoll: both. kqueue: one.
pub(super) const DIRECTIONS: usize = 2;

/// What the kernel takes and gives: a mask of what happened, and 64 bits that are ours.
pub(super) type Entry = libc::epoll_event;

/// An entry that says nothing, for the kernel to write over.
pub(super) const EMPTY: Entry = Entry { events: 0, u64: 0 };

/// The token of the waker's entry. No descriptor's is like it: those are not negative.
const WAKER: u64 = u64::MAX;

const READ: u32 = (libc::EPOLLIN | libc::EPOLLRDHUP) as u32;
const WRITE: u32 = libc::EPOLLOUT as u32;
const HALF_CLOSED: u32 = libc::EPOLLRDHUP as u32;
const HUNG_UP: u32 = libc::EPOLLHUP as u32;
const BROKEN: u32 = libc::EPOLLERR as u32;

// ANCHOR: new
/// The kernel's side of a loop.
#[derive(Debug)]
pub(super) struct Poller {
    epoll: OwnedFd,
    /// Eight bytes of the kernel's: a write to it makes it readable.
    eventfd: OwnedFd,
    /// Whether there is `epoll_pwait2`, whose limit has nanoseconds (Linux 5.11).
    has_nanoseconds: AtomicBool,
}

impl Poller {
    /// Makes the set of entries, with the waker's already in it.
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: takes no pointer. EINTR is impossible: it does not sleep.
        let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        let epoll = check("epoll_create1", epoll)?;
        // SAFETY: the kernel has just given us this descriptor, and nobody else has it.
        let epoll = unsafe { OwnedFd::from_raw_fd(epoll) };
        let flags = libc::EFD_CLOEXEC | libc::EFD_NONBLOCK;
        // SAFETY: takes no pointer. EINTR is impossible: it does not sleep.
        let eventfd = check("eventfd", unsafe { libc::eventfd(0, flags) })?;
        // SAFETY: as above.
        let eventfd = unsafe { OwnedFd::from_raw_fd(eventfd) };
        let poller = Self {
            epoll,
            eventfd,
            has_nanoseconds: AtomicBool::new(true),
        };
        // Edge-triggered: each write is told once, so that nobody ever has to read it.
        let entry = Entry {
            events: (libc::EPOLLIN | libc::EPOLLET) as u32,
            u64: WAKER,
        };
        poller.control(libc::EPOLL_CTL_ADD, poller.eventfd.as_raw_fd(), entry)?;
        Ok(poller)
    }
    // ANCHOR_END: new

    // ANCHOR: change
    /// What the kernel is told, and how. epoll: the whole mask again, and one of three calls.
    /// kqueue: the one direction that changes.
    fn change(change: &Change) -> (i32, Entry) {
        let Interest { read, write } = change.after;
        let operation = match (change.before.is_none(), change.after.is_none()) {
            (true, _) => libc::EPOLL_CTL_ADD,
            (_, true) => libc::EPOLL_CTL_DEL,
            (false, false) => libc::EPOLL_CTL_MOD,
        };
        let mut events = 0;
        if read {
            events |= READ;
        }
        if write {
            events |= WRITE;
        }
        let u64 = change.token;
        (operation, Entry { events, u64 })
    }
    // ANCHOR_END: change

    // ANCHOR: apply
    /// Tells the kernel of a change. What should go and is not there counts as gone: whoever
    /// closes a descriptor takes it out. What should come and is there is replaced: a copy of
    /// the descriptor has kept it. epoll: that is another call. kqueue: the same.
    #[inline(always)]
    pub(super) fn apply(&self, change: &Change) -> io::Result<()> {
        let (operation, entry) = Self::change(change);
        match self.control(operation, change.fd, entry) {
            Err(error) if !change.adds() && is_gone(&error) => Ok(()),
            Err(error) if code(&error) == Some(libc::EEXIST) => {
                self.control(libc::EPOLL_CTL_MOD, change.fd, entry)
            }
            result => result,
        }
    }

    fn control(&self, operation: i32, fd: i32, mut entry: Entry) -> io::Result<()> {
        let epoll = self.epoll.as_raw_fd();
        // SAFETY: the kernel reads one entry, which outlives the call; the descriptors are
        // numbers to it, and one that is not open is an error. EINTR is impossible.
        let result =
            unsafe { libc::epoll_ctl(epoll, operation, fd, &raw mut entry) };
        check("epoll_ctl", result).map(drop)
    }
    // ANCHOR_END: apply

    // ANCHOR: wait
    /// Sleeps until there is something to tell, at most for `limit`. How many entries it is.
    /// It may end early, with none; EINTR is reported, as the caller knows the deadline.
    pub(super) fn wait(
        &self,
        entries: &mut [Entry],
        limit: Option<Duration>,
    ) -> io::Result<usize> {
        let epoll = self.epoll.as_raw_fd();
        let sleeps = limit.filter(|limit| !limit.is_zero());
        // ORDERING: Relaxed. Only this call changes it, and it protects nothing.
        if let Some(limit) = sleeps.filter(|_| self.has_nanoseconds.load(Relaxed)) {
            match self.wait_nanoseconds(entries, limit) {
                Err(error) if is_unknown(&error) => {
                    // ORDERING: Relaxed, as above.
                    self.has_nanoseconds.store(false, Relaxed);
                }
                result => return result,
            }
        }
        let limit_ms = limit.map_or(-1, milliseconds);
        let (into, most) = (entries.as_mut_ptr(), entries.len() as i32);
        // SAFETY: the kernel writes at most `most` entries to `into`: that is how long the
        // slice is, and it is ours alone for as long as the call takes.
        let count = unsafe { libc::epoll_wait(epoll, into, most, limit_ms) };
        check("epoll_wait", count).map(|count| count as usize)
    }
    // ANCHOR_END: wait

    // ANCHOR: translate
    /// What an entry says. `None` for the waker's: its word says more.
    pub(super) fn translate(entry: &Entry) -> Option<Ready> {
        let Entry { events, u64: token } = *entry;
        if token == WAKER {
            return None;
        }
        // Whatever is broken ends every wait for it.
        let ends = events & (HUNG_UP | BROKEN) != 0;
        Some(Ready {
            token,
            read: events & READ != 0 || ends,
            write: events & WRITE != 0 || ends,
            half_closed: events & HALF_CLOSED != 0,
            hung_up: events & HUNG_UP != 0,
            err: events & BROKEN != 0,
            nbytes: 0,
        })
    }
    // ANCHOR_END: translate

    // ANCHOR: wake
    /// Ends a wait, from any thread: the one that sleeps now, or else the next.
    pub(super) fn wake(&self) -> io::Result<()> {
        // Eight bytes on every machine: with a `usize` it would be four on some, and an error.
        let one: u64 = 1;
        let from = (&raw const one).cast();
        // SAFETY: the kernel reads the eight bytes of `one`, which outlives the call. EINTR
        // is impossible: the eventfd does not block. Nor can it be full: that takes 2^64
        // writes.
        let written =
            unsafe { libc::write(self.eventfd.as_raw_fd(), from, size_of::<u64>()) };
        check("write to an eventfd", written as i32).map(drop)
    }
    // ANCHOR_END: wake

    // ANCHOR: timeout
    /// As `wait`, with nanoseconds. `libc` has no name for it everywhere; the kernel has.
    fn wait_nanoseconds(
        &self,
        entries: &mut [Entry],
        limit: Duration,
    ) -> io::Result<usize> {
        let limit = limit.min(LONGEST);
        let limit = Timespec {
            seconds: limit.as_secs() as i64,
            nanoseconds: limit.subsec_nanos().into(),
        };
        // SAFETY: the kernel writes at most as many entries as the slice is long, which is
        // ours alone meanwhile, and reads one `Timespec`, which has its layout and outlives
        // the call. No mask of signals is given, so its size is not looked at.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                self.epoll.as_raw_fd(),
                entries.as_mut_ptr(),
                entries.len() as i32,
                &raw const limit,
                ptr::null::<libc::sigset_t>(),
                0_usize,
            )
        };
        check("epoll_pwait2", count as i32).map(|count| count as usize)
    }
    // ANCHOR_END: timeout
}

/// `struct __kernel_timespec`: 64 bits each, also where `libc::timespec` has 32.
#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

/// The entry, or even the descriptor, is not there any more.
fn is_gone(error: &io::Error) -> bool {
    matches!(code(error), Some(libc::ENOENT | libc::EBADF))
}

/// The kernel does not know the call, or a sandbox that does not know it refuses it.
fn is_unknown(error: &io::Error) -> bool {
    matches!(code(error), Some(libc::ENOSYS | libc::EPERM))
}

#[cfg(test)]
mod tests;
