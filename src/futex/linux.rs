//! The system call `futex`, for words that no other process sees.

#![allow(unsafe_code, reason = "a system call; nothing else here is unsafe")]

use std::io;
use std::ptr;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

pub(super) fn wait(word: &AtomicU32, expected: u32) {
    futex_wait(word, expected, ptr::null());
}

pub(super) fn wait_timeout(
    word: &AtomicU32,
    expected: u32,
    limit: Duration,
) -> bool {
    // More seconds than its type can hold: a limit that the kernel's clock cannot express
    // is none. (It takes any other, and stops at 292 years.)
    let Ok(seconds) = limit.as_secs().try_into() else {
        futex_wait(word, expected, ptr::null());
        return true;
    };
    let limit = libc::timespec {
        tv_sec: seconds,
        tv_nsec: limit.subsec_nanos() as _,
    };
    futex_wait(word, expected, &raw const limit) != libc::ETIMEDOUT
}

pub(super) fn wake_one(word: &AtomicU32) {
    futex_wake(word, 1);
}

pub(super) fn wake_all(word: &AtomicU32) {
    futex_wake(word, i32::MAX);
}

// ANCHOR: syscall
/// Returns the error number, 0 for a wake-up. All errors but one mean "look again": the
/// value was another (`EAGAIN`), or a signal came (`EINTR`).
fn futex_wait(word: &AtomicU32, expected: u32, limit: *const libc::timespec) -> i32 {
    let wait = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the kernel reads the four bytes at `word` atomically, and `limit`, which is
    // null or one `timespec`. Both outlive the call, and nothing is written.
    let result = unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), wait, expected, limit)
    };
    if result == 0 {
        return 0;
    }
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

fn futex_wake(word: &AtomicU32, count: i32) {
    let wake = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: FUTEX_WAKE takes the address as a name, and reads and writes nothing there.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), wake, count) };
}
// ANCHOR_END: syscall
