//! The two system calls, on a thread of the pool.
#![allow(unsafe_code, reason = "pread and pwrite are system calls")]

use std::io;
use std::os::fd::RawFd;

// ANCHOR: transfer
/// One read into the room that is left in `buffer`. Fewer bytes than there is room for may
/// come; 0 is the end of the file.
///
/// EINTR: retried. A signal is no answer about a file. Source: pread(2).
pub(super) fn read(
    fd: RawFd,
    offset: u64,
    buffer: &mut Vec<u8>,
) -> io::Result<usize> {
    let offset = position(offset)?;
    let room = buffer.spare_capacity_mut();
    let (to, length) = (room.as_mut_ptr().cast(), room.len());
    let count = retry(|| {
        // SAFETY: the kernel writes at most `length` bytes, and these are the buffer's.
        unsafe { libc::pread(fd, to, length, offset) }
    })?;
    // SAFETY: the kernel has written so many, behind those that were there.
    unsafe { buffer.set_len(buffer.len() + count) };
    Ok(count)
}

/// Writes all of `bytes`.
///
/// EINTR: retried, as in `read`. Source: pwrite(2).
pub(super) fn write(fd: RawFd, offset: u64, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    while written < bytes.len() {
        let rest = &bytes[written..];
        let at = position(offset.saturating_add(written as u64))?;
        let count = retry(|| {
            // SAFETY: the kernel reads at most `rest.len()` bytes, from `rest`.
            unsafe { libc::pwrite(fd, rest.as_ptr().cast(), rest.len(), at) }
        })?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        written += count;
    }
    Ok(written)
}
// ANCHOR_END: transfer

/// An offset as the kernel takes it.
fn position(offset: u64) -> io::Result<libc::off_t> {
    let too_far = |_| io::Error::from_raw_os_error(libc::EOVERFLOW);
    libc::off_t::try_from(offset).map_err(too_far)
}

fn retry(mut call: impl FnMut() -> isize) -> io::Result<usize> {
    loop {
        if let Ok(count) = usize::try_from(call()) {
            return Ok(count);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
