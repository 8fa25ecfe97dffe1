//! The few calls to the system that std does not offer: ending a process group, asking for
//! a limit, and trying whether a backend is allowed.
//!
//! By hand on `libc`, which is there anyway: a crate for them costs every first
//! `cargo grade` five seconds.

#![allow(unsafe_code, reason = "calls into libc; nothing else here is unsafe")]

use std::process::Child;

/// Kills the process group that `child` leads: it, and everything below it that has not
/// moved to a group of its own. `child` must have been started with `process_group(0)`
/// and not yet been waited for.
#[cfg(unix)]
pub(crate) fn kill_group(child: &Child) {
    let Ok(group) = libc::pid_t::try_from(child.id()) else {
        return;
    };
    // SAFETY: takes no pointer. The number is the child's: it is not reused before the
    // child is waited for, and the `&Child` says that this has not happened behind our
    // back. That the group may be gone already is an error which is of no interest.
    unsafe { libc::killpg(group, libc::SIGKILL) };
}

/// Elsewhere the child's own end must do.
#[cfg(not(unix))]
pub(crate) fn kill_group(_child: &Child) {}

/// How many descriptors a process may have open: now, and at most. `None`: no limit.
#[cfg(unix)]
#[allow(clippy::unnecessary_cast, reason = "rlim_t is signed on FreeBSD")]
pub(crate) fn descriptor_limits() -> Option<(Option<u64>, Option<u64>)> {
    let mut limits = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limits` outlives the call, which writes one `rlimit` there and keeps nothing.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limits) } != 0 {
        return None;
    }
    let known =
        |value: libc::rlim_t| (value != libc::RLIM_INFINITY).then_some(value as u64);
    Some((known(limits.rlim_cur), known(limits.rlim_max)))
}

/// Backends of Linux, each tried once.
#[cfg(target_os = "linux")]
pub(crate) mod backends {
    use std::io;
    use std::os::fd::{FromRawFd, OwnedFd, RawFd};
    use std::ptr;

    /// Whether the kernel lets a thread wake those that wait on a word.
    pub(crate) fn try_futex() -> io::Result<()> {
        let word = 0_u32;
        let wake = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: FUTEX_WAKE takes the address as a name and reads nothing there; `word`
        // outlives the call. Nobody waits on it, so nobody is woken.
        let woken =
            unsafe { libc::syscall(libc::SYS_futex, &raw const word, wake, 1) };
        if woken < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(())
        }
    }

    /// Whether the kernel gives out an epoll instance.
    pub(crate) fn try_epoll() -> io::Result<()> {
        // SAFETY: takes no pointer.
        close(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })
    }

    /// What chapter 08 asks of a ring, as `io_uring_setup(2)` names it: SUBMIT_ALL,
    /// TASKRUN_FLAG, SINGLE_ISSUER, DEFER_TASKRUN. The last one is the youngest: Linux 6.1.
    const RING: u64 = 1 << 7 | 1 << 9 | 1 << 12 | 1 << 13;

    /// Whether the kernel gives out such an io_uring as chapter 08 needs. Many containers
    /// forbid it.
    pub(crate) fn try_io_uring() -> io::Result<()> {
        // `struct io_uring_params`: 120 bytes of numbers. The third, in the low half of the
        // second word, is the flags.
        let mut parameters = [0_u64; 15];
        parameters[1] = match cfg!(target_endian = "little") {
            true => RING,
            false => RING << 32,
        };
        let address = ptr::from_mut(&mut parameters);
        // SAFETY: the kernel reads and writes one `io_uring_params` at the address, which
        // is as large, aligned, and outlives the call. None of the flags makes it take a
        // field for a pointer or a descriptor. The ring is never mapped.
        let ring = unsafe { libc::syscall(libc::SYS_io_uring_setup, 2, address) };
        close(RawFd::try_from(ring).unwrap_or(-1))
    }

    /// Closes what a call returned, or tells its error.
    fn close(returned: RawFd) -> io::Result<()> {
        if returned < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call has just returned this descriptor, so it is open and ours alone.
        drop(unsafe { OwnedFd::from_raw_fd(returned) });
        Ok(())
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn what_this_test_itself_stands_on_is_found() {
            super::try_futex().unwrap();
            super::try_epoll().unwrap();
            // May be forbidden, but must not panic or leave anything open.
            let _ = super::try_io_uring();
        }
    }
}
