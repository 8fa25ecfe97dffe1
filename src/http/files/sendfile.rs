//! `sendfile`: from a file to a socket, without a copy in between.
//!
//! Three systems have a call of this name, and it means the same; they agree on nothing else.
//! Each of the three functions below has the same face, and what is different is in it:
//!
//! | | Linux | FreeBSD | Darwin |
//! |---|---|---|---|
//! | first | to where | from where | from where |
//! | where it begins | behind a pointer, moved on | a number | a number |
//! | how much | a number | a number | behind a pointer |
//! | how much has gone | returned | behind another pointer | behind the same pointer |
//! | the socket is full | so many bytes, or -1 and `EAGAIN` | -1 and `EAGAIN`, with a count | the same |
//!
//! That is why each of them is held against the declaration that it was written for.
//!
//! A client that has gone costs an `EPIPE`, and no `SIGPIPE`: every Rust program ignores that
//! signal from its start.
#![allow(unsafe_code, reason = "sendfile")]

use std::fs::File;
use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd as _;
#[cfg(not(target_os = "linux"))]
use std::ptr;

use libc::{c_int, off_t};

// ANCHOR: sendfile
/// Sends at most `count` bytes of `file`, from `at` on. Returns how many have gone: 0 if the
/// file ends there.
///
/// # Errors
/// What the kernel says; `WouldBlock` if the socket is full; `Unsupported` if this can't be
/// done with this file or this socket: copy it.
/// # Blocking
/// Until the part has been read from its disk, if it is not in memory.
pub(super) fn sendfile(
    socket: &TcpStream,
    file: &File,
    at: u64,
    count: usize,
) -> io::Result<usize> {
    // Where `off_t` has 32 bits, files may be longer than that.
    let Ok(at) = off_t::try_from(at) else {
        return Err(io::ErrorKind::Unsupported.into());
    };
    match raw(socket.as_raw_fd(), file.as_raw_fd(), at, count) {
        Ok(sent) => Ok(sent),
        Err(error) if error.raw_os_error().is_some_and(cannot) => {
            Err(io::ErrorKind::Unsupported.into())
        }
        Err(error) => Err(error),
    }
}

// ANCHOR_END: sendfile

/// Whether the kernel can't do it at all. On some systems two of these are one number.
fn cannot(code: i32) -> bool {
    [
        libc::EINVAL,
        libc::ENOSYS,
        libc::EOPNOTSUPP,
        libc::ENOTSUP,
        libc::ENOTSOCK,
    ]
    .contains(&code)
}

// ANCHOR: linux
/// Source: sendfile(2).
#[cfg(target_os = "linux")]
fn raw(socket: c_int, file: c_int, at: off_t, count: usize) -> io::Result<usize> {
    const SENDFILE: unsafe extern "C" fn(
        to: c_int,
        from: c_int,
        at: *mut off_t,
        count: libc::size_t,
    ) -> libc::ssize_t = libc::sendfile;

    let mut at = at;
    // SAFETY: both descriptors are open, for their owners are borrowed by our caller; the
    // kernel reads and writes one number at `at`, which outlives the call.
    let sent = unsafe { SENDFILE(socket, file, &raw mut at, count) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}
// ANCHOR_END: linux

// ANCHOR: freebsd
/// Source: sendfile(2) of FreeBSD.
#[cfg(target_os = "freebsd")]
fn raw(socket: c_int, file: c_int, at: off_t, count: usize) -> io::Result<usize> {
    const SENDFILE: unsafe extern "C" fn(
        from: c_int,
        to: c_int,
        at: off_t,
        count: libc::size_t,
        around: *mut libc::sf_hdtr,
        sent: *mut off_t,
        flags: c_int,
    ) -> c_int = libc::sendfile;

    let mut sent: off_t = 0;
    let none = ptr::null_mut();
    // SAFETY: both descriptors are open, for their owners are borrowed by our caller; the
    // kernel writes one number to `sent`, which outlives the call; null: nothing around it.
    let result =
        unsafe { SENDFILE(file, socket, at, count, none, &raw mut sent, 0) };
    gone(result, sent)
}
// ANCHOR_END: freebsd

// ANCHOR: darwin
/// Source: sendfile(2) of macOS.
#[cfg(any(target_os = "macos", target_os = "ios"))]
fn raw(socket: c_int, file: c_int, at: off_t, count: usize) -> io::Result<usize> {
    const SENDFILE: unsafe extern "C" fn(
        from: c_int,
        to: c_int,
        at: off_t,
        count: *mut off_t,
        around: *mut libc::sf_hdtr,
        flags: c_int,
    ) -> c_int = libc::sendfile;

    // In: how much; out: how much of it has gone. 0 would be all there is.
    let mut count = off_t::try_from(count).unwrap_or(off_t::MAX);
    if count == 0 {
        return Ok(0);
    }
    let none = ptr::null_mut();
    // SAFETY: both descriptors are open, for their owners are borrowed by our caller; the
    // kernel reads and writes one number at `count`, which outlives the call; null: nothing
    // around it.
    let result = unsafe { SENDFILE(file, socket, at, &raw mut count, none, 0) };
    gone(result, count)
}
// ANCHOR_END: darwin

/// What has gone, has, whatever came in the way then.
#[cfg(not(target_os = "linux"))]
fn gone(result: c_int, sent: off_t) -> io::Result<usize> {
    let error = io::Error::last_os_error();
    let is_partial = matches!(
        error.raw_os_error(),
        Some(libc::EAGAIN | libc::EINTR | libc::EBUSY)
    );
    if result == 0 || (is_partial && sent > 0) {
        return Ok(usize::try_from(sent).unwrap_or(0));
    }
    Err(error)
}
