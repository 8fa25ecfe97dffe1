//! The clocks of what a process or a thread has computed, which std does not have.

#![allow(dead_code, reason = "no test needs both")]

use std::time::Duration;

/// The processor time that this process has used.
pub(crate) fn used() -> Duration {
    of(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// The processor time that this thread has used.
pub(crate) fn used_by_this_thread() -> Duration {
    of(libc::CLOCK_THREAD_CPUTIME_ID)
}

#[allow(unsafe_code, reason = "std has no clock for it")]
fn of(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the kernel writes one `timespec`, which outlives the call.
    let error = unsafe { libc::clock_gettime(clock, &raw mut time) };
    assert_eq!(error, 0, "there is such a clock");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
