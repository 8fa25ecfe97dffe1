//! Reading and writing without waiting.
//!
//! std reads into bytes that have been set before, and a `Vec`'s room has not: so the calls
//! are made by hand. Sockets have calls of their own, which can be told not to raise SIGPIPE.

#![allow(
    unsafe_code,
    reason = "recv, read, send and write on buffers that are borrowed here"
)]

use super::super::descriptors::Handle;

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// So many bytes.
    Count(usize),
    /// It would have to wait.
    Wait,
    /// The kernel's number for why not.
    Failed(i32),
}

#[cfg(not(target_vendor = "apple"))]
const FLAGS: i32 = libc::MSG_NOSIGNAL;
#[cfg(target_vendor = "apple")]
const FLAGS: i32 = 0;

/// Reads once into the room of `buffer`.
#[inline]
pub(super) fn read(handle: &Handle, buffer: &mut Vec<u8>) -> Tried {
    let room = buffer.spare_capacity_mut();
    let (into, most) = (room.as_mut_ptr().cast(), room.len());
    let fd = handle.raw();
    let tried = attempt(|| match handle.is_socket() {
        // SAFETY: the kernel writes at most `most` bytes to `into`: that is the room of the
        // vector, which is ours alone for as long as the call takes.
        true => unsafe { libc::recv(fd, into, most, 0) },
        // SAFETY: as above.
        false => unsafe { libc::read(fd, into, most) },
    });
    if let Tried::Count(count) = tried {
        // SAFETY: the kernel has written `count` bytes behind those that were there, and
        // `count` is at most the room that was left.
        unsafe { buffer.set_len(buffer.len() + count) };
    }
    tried
}

/// Writes once what it can of `bytes`.
#[inline]
pub(super) fn write(handle: &Handle, bytes: &[u8]) -> Tried {
    let (from, most) = (bytes.as_ptr().cast(), bytes.len());
    let fd = handle.raw();
    attempt(|| match handle.is_socket() {
        // SAFETY: the kernel reads `most` bytes at `from`: those of the slice.
        true => unsafe { libc::send(fd, from, most, FLAGS) },
        // SAFETY: as above.
        false => unsafe { libc::write(fd, from, most) },
    })
}

/// EINTR: again. A call that does not wait is hardly ever cut short.
#[inline]
fn attempt(mut call: impl FnMut() -> isize) -> Tried {
    loop {
        let result = call();
        if let Ok(count) = usize::try_from(result) {
            return Tried::Count(count);
        }
        let error = std::io::Error::last_os_error();
        match error.raw_os_error().unwrap_or(0) {
            libc::EINTR => {}
            code if code == libc::EAGAIN || code == libc::EWOULDBLOCK => {
                return Tried::Wait;
            }
            code => return Tried::Failed(code),
        }
    }
}
