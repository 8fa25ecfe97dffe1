//! The loop's kernel on macOS and FreeBSD: kqueue(2), with EVFILT_USER to wake it.
//!
//! The twin of `epoll.rs`: the same items, in the same order. Where they differ, both say so.
//!
//! - **Interest.** epoll: one entry a descriptor, with a mask. kqueue: one a direction.
//! - **Telling.** epoll: one system call a change. kqueue: a list of changes.
//! - **Waking.** epoll: a descriptor of its own, the eventfd. kqueue: a filter, EVFILT_USER.
//! - **Counts.** epoll: says that there are bytes. kqueue: says how many.
//!
//! On Linux, `--cfg threadbare_kqueue` builds this file against an installed libkqueue, which
//! imitates these two calls on top of epoll. It is there to run the tests on.

#![allow(
    unsafe_code,
    reason = "system calls on descriptors and buffers that are borrowed here"
)]

mod abi;
#[cfg(test)]
mod timer;

use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::time::Duration;
use std::{io, ptr};

use super::deadline::LONGEST;
use super::ready::Ready;
use super::sys::{check, code, error, retry};
use super::table::{Change, Direction, FD_BITS};
use crate::ground::atomic::{AtomicU32, Ordering::Relaxed};
use abi::{
    EV_ADD, EV_CLEAR, EV_DELETE, EV_EOF, EV_ERROR, EV_RECEIPT, EVFILT_READ,
    EVFILT_USER, EVFILT_WRITE, Kevent, NOTE_TRIGGER,
};

/// What a test prints, to say on what it ran.
pub(super) const BACKEND: &str = if IMITATED {
    "kqueue (libkqueue)"
} else {
    "kqueue"
};

/// Whether this is libkqueue.
const IMITATED: bool = cfg!(target_os = "linux");

/// How many directions one entry may speak of. epoll: both. kqueue: one.
pub(super) const DIRECTIONS: usize = 1;

/// What the kernel takes and gives: a filter, what happened, and a word that is ours.
pub(super) type Entry = Kevent;

/// An entry that says nothing, for the kernel to write over.
pub(super) const EMPTY: Entry = Entry::ZERO;

/// The name of the waker's event. A filter has its own names: no descriptor's is like it.
const WAKER: usize = 0;
/// The longest that libkqueue is asked to sleep at once, in milliseconds.
const PIECE_MAX: u32 = 128;
const AT_ONCE: libc::timespec = timespec(Duration::ZERO);

#[cfg_attr(all(target_os = "linux", threadbare_kqueue), link(name = "kqueue"))]
unsafe extern "C" {
    safe fn kqueue() -> i32;
    fn kevent(
        kqueue: i32,
        changes: *const Kevent,
        change_count: i32,
        events: *mut Kevent,
        event_count: i32,
        limit: *const libc::timespec,
    ) -> i32;
}

// ANCHOR: new
/// The kernel's side of a loop.
#[derive(Debug)]
pub(super) struct Poller {
    kqueue: OwnedFd,
    /// How long libkqueue sleeps at once, in milliseconds: see `piece`.
    piece_ms: AtomicU32,
}

impl Poller {
    /// Makes the set of entries, with the waker's already in it.
    pub(super) fn new() -> io::Result<Self> {
        // EINTR is impossible: it does not sleep.
        let kqueue = check("kqueue", kqueue())?;
        // SAFETY: the kernel has just given us this descriptor, and nobody else has it.
        let kqueue = unsafe { OwnedFd::from_raw_fd(kqueue) };
        // No child of a fork gets it, but a program that is started may.
        // SAFETY: takes no pointer. EINTR is impossible: it does not sleep.
        let closed = unsafe {
            libc::fcntl(kqueue.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC)
        };
        check("fcntl", closed)?;
        let poller = Self {
            kqueue,
            piece_ms: AtomicU32::new(1),
        };
        // Cleared once told: each trigger is told once, so that nobody ever has to reset it.
        let entry = Entry {
            ident: WAKER,
            filter: EVFILT_USER,
            flags: EV_ADD | EV_CLEAR,
            ..EMPTY
        };
        poller.control(entry)?;
        Ok(poller)
    }
    // ANCHOR_END: new

    // ANCHOR: change
    /// What the kernel is told, and how. epoll: the whole mask again, and one of three calls.
    /// kqueue: the one direction that changes.
    fn change(change: &Change) -> Entry {
        let filter = match change.direction {
            Direction::Read => EVFILT_READ,
            Direction::Write => EVFILT_WRITE,
        };
        let flags = if change.adds() { EV_ADD } else { EV_DELETE };
        // The descriptor is in `ident` already. The rest fits in a word of 32 bits, too.
        let udata = (change.token >> FD_BITS) as usize;
        let ident = change.fd as usize;
        Entry {
            ident,
            filter,
            flags,
            udata,
            ..EMPTY
        }
    }
    // ANCHOR_END: change

    // ANCHOR: apply
    /// Tells the kernel of a change. What should go and is not there counts as gone: whoever
    /// closes a descriptor takes it out. What should come and is there is replaced: a copy of
    /// the descriptor has kept it. epoll: that is another call. kqueue: the same.
    #[inline(always)]
    pub(super) fn apply(&self, change: &Change) -> io::Result<()> {
        match self.control(Self::change(change)) {
            Err(error) if !change.adds() && is_gone(&error) => Ok(()),
            result => result,
        }
    }

    /// One change, and no event. EV_RECEIPT makes the kernel answer the change, and as there
    /// is room for nothing else, what has happened meanwhile stays where it is.
    fn control(&self, mut entry: Entry) -> io::Result<()> {
        let kqueue = self.kqueue.as_raw_fd();
        entry.flags |= EV_RECEIPT;
        let mut receipt = EMPTY;
        retry("kevent", || {
            // SAFETY: the kernel reads one entry and one limit, and writes at most one
            // receipt; all three outlive the call. The descriptors are numbers to it, and
            // one that is not open is an error. EINTR: made again; the same change twice is
            // as good as once.
            unsafe {
                kevent(kqueue, &raw const entry, 1, &raw mut receipt, 1, &AT_ONCE)
            }
        })?;
        // Not a look at EV_ERROR, nor at the count: old versions of libkqueue have neither.
        match receipt.data as i32 {
            0 => Ok(()),
            errno => Err(error("kevent", errno)),
        }
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
        let kqueue = self.kqueue.as_raw_fd();
        let (into, most) = (entries.as_mut_ptr(), entries.len() as i32);
        let limit = if IMITATED {
            Some(self.piece(limit))
        } else {
            limit
        };
        let limit = limit.map(timespec);
        let limit = limit.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the kernel writes at most `most` entries to `into`: that is how long the
        // slice is, and it is ours alone for as long as the call takes. There are no changes
        // to read, and `limit` is null or a local variable that outlives the call.
        let count = unsafe { kevent(kqueue, ptr::null(), 0, into, most, limit) };
        if IMITATED && count > 0 {
            // ORDERING: Relaxed. Only who waits changes it, and it protects nothing.
            self.piece_ms.store(1, Relaxed);
        }
        check("kevent", count).map(|count| count as usize)
    }
    // ANCHOR_END: wait

    // ANCHOR: translate
    /// What an entry says. `None` for the waker's: its word says more.
    pub(super) fn translate(entry: &Entry) -> Option<Ready> {
        // By value: a packed struct's fields cannot be borrowed.
        let Entry {
            ident,
            filter,
            flags,
            fflags,
            data,
            udata,
            ..
        } = *entry;
        if filter == EVFILT_USER {
            return None;
        }
        let (read, write) = (filter == EVFILT_READ, filter == EVFILT_WRITE);
        let ended = flags & EV_EOF != 0;
        // Nobody will ever read what is written. libkqueue may mean no more than a half-close.
        let in_vain = write && ended && !IMITATED;
        let counted = read && flags & EV_ERROR == 0;
        Some(Ready {
            token: (udata as u64) << FD_BITS | ident as u64,
            read,
            write,
            half_closed: read && ended,
            // epoll: of the descriptor. kqueue: each direction says so for itself.
            hung_up: false,
            err: flags & EV_ERROR != 0 || fflags != 0 || in_vain,
            nbytes: if counted { data.max(0) as usize } else { 0 },
        })
    }
    // ANCHOR_END: translate

    // ANCHOR: wake
    /// Ends a wait, from any thread: the one that sleeps now, or else the next.
    pub(super) fn wake(&self) -> io::Result<()> {
        // Nothing but the trigger. With EV_ADD it would be registered anew, and what had been
        // triggered and not yet told could be lost.
        let entry = Entry {
            ident: WAKER,
            filter: EVFILT_USER,
            fflags: NOTE_TRIGGER,
            ..EMPTY
        };
        let kqueue = self.kqueue.as_raw_fd();
        retry("kevent", || {
            // SAFETY: the kernel reads one entry and one limit, which outlive the call. There
            // is room for no event, so it writes nothing, and it never sleeps. EINTR: made
            // again; two triggers before a wait are one.
            unsafe {
                kevent(kqueue, &raw const entry, 1, ptr::null_mut(), 0, &AT_ONCE)
            }
        })
        .map(drop)
    }
    // ANCHOR_END: wake

    /// What libkqueue is asked to sleep of `limit`. Some versions hold a lock meanwhile, and
    /// a trigger has to wait for it; after a piece, the handshake says that there was a call.
    /// The longer nothing happens, the longer the pieces.
    fn piece(&self, limit: Option<Duration>) -> Duration {
        // ORDERING: Relaxed. As in `wait`.
        let piece_ms = self.piece_ms.load(Relaxed);
        // ORDERING: Relaxed, too.
        self.piece_ms.store((2 * piece_ms).min(PIECE_MAX), Relaxed);
        let piece = Duration::from_millis(piece_ms.into());
        limit.map_or(piece, |limit| limit.min(piece))
    }
}

// ANCHOR: timeout
/// `limit` as the kernel takes it. epoll: in milliseconds, rounded up, if it has nothing
/// better. kqueue: in nanoseconds.
const fn timespec(limit: Duration) -> libc::timespec {
    let cut = limit.as_nanos() > LONGEST.as_nanos();
    let limit = if cut { LONGEST } else { limit };
    libc::timespec {
        tv_sec: limit.as_secs() as libc::time_t,
        tv_nsec: limit.subsec_nanos() as _,
    }
}
// ANCHOR_END: timeout

/// The entry, or even the descriptor, is not there any more.
fn is_gone(error: &io::Error) -> bool {
    matches!(code(error), Some(libc::ENOENT | libc::EBADF))
}
