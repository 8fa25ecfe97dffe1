//! The clock of what a process has computed, which std does not have.

use std::time::Duration;

/// The processor time that this process has used.
#[allow(unsafe_code, reason = "std has no clock for it")]
pub(crate) fn used() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the kernel writes one `timespec`, which outlives the call.
    let error = unsafe {
        libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time)
    };
    assert_eq!(error, 0, "there is such a clock");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
