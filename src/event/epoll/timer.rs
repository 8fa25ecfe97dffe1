//! Linux can make a descriptor of a time: timerfd, shown once. The loop does without.
//!
//! The twin of `kqueue/timer.rs`. One system call makes a timer, one arms it, one registers
//! it, and each time that it fires it must be read, or it is told for ever. A deadline that is
//! handed to `wait` costs none of these: the call is made anyway. For a server whose
//! connections all have deadlines, nearly all of which never come, that is two calls a request
//! saved; one loop needs only the earliest.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr;
use std::time::Duration;

use super::{EMPTY, Entry, Poller, READ};
use crate::event::sys::check;
use crate::testkit::within;

// ANCHOR: timer
/// Makes a timer and arms it: a descriptor of its own. kqueue: a filter, in the kqueue itself.
fn arm(poller: &Poller, after_ms: i64) -> io::Result<OwnedFd> {
    let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
    // SAFETY: takes no pointer. EINTR is impossible: it does not sleep.
    let timer = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, flags) };
    let timer = check("timerfd_create", timer)?;
    // SAFETY: the kernel has just given us this descriptor, and nobody else has it.
    let timer = unsafe { OwnedFd::from_raw_fd(timer) };
    let once = libc::itimerspec {
        it_interval: libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        },
        it_value: libc::timespec {
            tv_sec: after_ms / 1_000,
            tv_nsec: after_ms % 1_000 * 1_000_000,
        },
    };
    // SAFETY: the kernel reads one `itimerspec`, which outlives the call, and is not asked
    // what was set before. EINTR is impossible: it does not sleep.
    let armed = unsafe {
        libc::timerfd_settime(timer.as_raw_fd(), 0, &raw const once, ptr::null_mut())
    };
    check("timerfd_settime", armed)?;
    let entry = Entry {
        events: READ,
        u64: 7,
    };
    poller.control(libc::EPOLL_CTL_ADD, timer.as_raw_fd(), entry)?;
    Ok(timer)
}

#[test]
fn the_kernel_can_keep_the_time_itself() {
    within(Duration::from_secs(20), || {
        let poller = Poller::new().unwrap();
        let timer = arm(&poller, 1).unwrap();
        let mut entries = [EMPTY; 4];
        let count = poller.wait(&mut entries, None).unwrap();
        let Entry { u64: name, .. } = entries[0];
        assert_eq!((count, name), (1, 7));
        // How often it has fired since it was last read.
        let mut times = [0; 8];
        assert_eq!(File::from(timer).read(&mut times).unwrap(), 8);
        assert_eq!(u64::from_ne_bytes(times), 1);
    });
}
// ANCHOR_END: timer
