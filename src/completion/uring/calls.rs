//! The three system calls of io_uring. `libc` has their numbers, and no functions.

#![allow(unsafe_code, reason = "system calls")]

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};
use std::ptr::{self, NonNull};
use std::time::Duration;

use super::abi::{
    BufferRing, ENTER_EXT_ARG, ENTER_GETEVENTS, Params, REGISTER_PBUF_RING,
    Timespec, WaitArg,
};
use crate::event::Failed;

/// What a call that failed was called, and the kernel's number for why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) call: &'static str,
    pub(super) code: i32,
}

impl Refused {
    /// What the kernel said of the last call of this thread.
    pub(super) fn now(call: &'static str) -> Self {
        let code = io::Error::last_os_error().raw_os_error().unwrap_or(0);
        Self { call, code }
    }

    /// The kernel's number in an error that was one of these.
    pub(super) fn code_of(error: &io::Error) -> Option<i32> {
        Failed::of(error).map(|failed| failed.code)
    }
}

impl From<Refused> for io::Error {
    #[cold]
    fn from(Refused { call, code }: Refused) -> Self {
        let kind = Self::from_raw_os_error(code).kind();
        Self::new(kind, Failed { call, code })
    }
}

/// Makes a ring. `params` says then where everything is.
///
/// Source: io_uring_setup(2).
pub(super) fn setup(entries: u32, params: &mut Params) -> Result<OwnedFd, Refused> {
    // SAFETY: the kernel reads and writes one `Params`, which has its layout and outlives
    // the call. EINTR is impossible: it does not sleep.
    let fd = unsafe {
        libc::syscall(libc::SYS_io_uring_setup, entries, ptr::from_mut(params))
    };
    if fd < 0 {
        return Err(Refused::now("io_uring_setup"));
    }
    // SAFETY: the kernel has just opened it for us, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

// ANCHOR: enter
/// What a call is for, besides handing submissions over.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wait {
    /// Nothing more.
    No,
    /// Fetch what is there.
    Look,
    /// Sleep until there is one result, for at most so long.
    For(Option<Duration>),
}

/// Hands over `submissions` entries, and then waits. How many the kernel took; if it is
/// fewer, it has not waited. That the limit is over is an error, `ETIME`; `EINTR` is for the
/// caller, who knows how long it may still wait.
///
/// # Safety
/// What the entries point to stays as long as io_uring says: until their results.
///
/// Source: io_uring_enter(2).
#[inline]
pub(super) unsafe fn enter(
    ring: BorrowedFd<'_>,
    submissions: u32,
    wait: Wait,
) -> Result<u32, Refused> {
    let mut timespec = Timespec::default();
    let mut arg = WaitArg::default();
    let (least, flags) = match wait {
        Wait::No => (0, 0),
        Wait::Look => (0, ENTER_GETEVENTS),
        Wait::For(limit) => {
            if let Some(limit) = limit {
                // Longer than an `i64` of seconds is longer than anybody waits.
                timespec.seconds = limit.as_secs().try_into().unwrap_or(i64::MAX);
                timespec.nanoseconds = limit.subsec_nanos().into();
                arg.timespec = (&raw const timespec).expose_provenance() as u64;
            }
            (1, ENTER_GETEVENTS | ENTER_EXT_ARG)
        }
    };
    // SAFETY: the kernel reads `arg` and, through it, `timespec`: both have its layout and
    // outlive the call; without `EXT_ARG` it reads neither, and the last two are a mask of
    // no signals. What the entries point to is the caller's promise.
    let taken = unsafe {
        libc::syscall(
            libc::SYS_io_uring_enter,
            ring.as_raw_fd(),
            submissions,
            least,
            flags,
            if least == 0 {
                ptr::null()
            } else {
                &raw const arg
            },
            if least == 0 { 0 } else { size_of::<WaitArg>() },
        )
    };
    if taken < 0 {
        return Err(Refused::now("io_uring_enter"));
    }
    Ok(taken as u32)
}
// ANCHOR_END: enter

/// Lends the kernel a ring of buffers.
///
/// # Safety
/// The ring, and every buffer that is put into it, stays until the io_uring is closed.
///
/// Source: io_uring_register(2), `IORING_REGISTER_PBUF_RING`.
pub(super) unsafe fn register_buffers(
    ring: BorrowedFd<'_>,
    buffers: &BufferRing,
) -> Result<(), Refused> {
    // SAFETY: the kernel reads one `BufferRing`, which has its layout and outlives the call;
    // what it points to is the caller's promise. EINTR is impossible: it does not sleep.
    let result = unsafe {
        libc::syscall(
            libc::SYS_io_uring_register,
            ring.as_raw_fd(),
            REGISTER_PBUF_RING,
            ptr::from_ref(buffers),
            1_u32,
        )
    };
    if result < 0 {
        return Err(Refused::now("io_uring_register"));
    }
    Ok(())
}

/// What `mmap` has given.
pub(super) fn mapped(result: *mut libc::c_void) -> Result<NonNull<u8>, Refused> {
    if result == libc::MAP_FAILED {
        return Err(Refused::now("mmap"));
    }
    Ok(NonNull::new(result.cast()).expect("no mapping begins at 0"))
}

/// A socket to connect with: it is the ring that waits, but others may do so by hand.
///
/// Source: socket(2).
pub(super) fn socket(family: i32) -> Result<OwnedFd, i32> {
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: it takes three numbers. EINTR is impossible: it does not sleep.
    let fd = unsafe { libc::socket(family, kind, 0) };
    if fd < 0 {
        return Err(Refused::now("socket").code);
    }
    // SAFETY: the kernel has just opened it for us, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Whether a socket is a stream. One that has messages has an end in each.
///
/// Source: socket(7), SO_TYPE.
pub(super) fn is_stream(socket: BorrowedFd<'_>) -> bool {
    let mut kind: libc::c_int = 0;
    let mut len = size_of_val(&kind) as libc::socklen_t;
    // SAFETY: the kernel writes at most `len` bytes to `kind`, and `len` itself; both outlive
    // the call.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_TYPE,
            (&raw mut kind).cast(),
            &raw mut len,
        )
    };
    result == 0 && kind == libc::SOCK_STREAM
}

/// Eight bytes of the kernel's: a write to them ends a wait.
///
/// Source: eventfd(2).
pub(super) fn eventfd() -> Result<OwnedFd, Refused> {
    let flags = libc::EFD_CLOEXEC | libc::EFD_NONBLOCK;
    // SAFETY: takes no pointer. EINTR is impossible: it does not sleep.
    let fd = unsafe { libc::eventfd(0, flags) };
    if fd < 0 {
        return Err(Refused::now("eventfd"));
    }
    // SAFETY: as above.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Writes to an eventfd.
pub(super) fn ring_bell(eventfd: BorrowedFd<'_>) -> Result<(), Refused> {
    // Eight bytes on every machine: with a `usize` it would be four on some, and an error.
    let one: u64 = 1;
    let from = (&raw const one).cast();
    // SAFETY: the kernel reads the eight bytes of `one`, which outlives the call. EINTR is
    // impossible: the eventfd does not block. Nor can it be full: that takes 2^64 writes.
    let written =
        unsafe { libc::write(eventfd.as_raw_fd(), from, size_of::<u64>()) };
    if written < 0 {
        return Err(Refused::now("write to an eventfd"));
    }
    Ok(())
}
