//! How much a handler thread counts beside a loop, where both want the same core.
//!
//! A loop's turn is short, and a thousand clients wait for it; a handler's may be long, and
//! one client waits. A scheduler that is fair to threads knows nothing of that: beside four
//! handlers that compute, a loop has a fifth of a core, and waits for it as long as the
//! others' turns last. So handler threads step back a little. They lose nothing where there
//! is a core for everybody.
//!
//! Linux counts niceness by thread; elsewhere it is the whole process's, and nothing is done.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
#![allow(unsafe_code, reason = "setpriority(2)")]

// ANCHOR: step_back
/// Makes the calling thread nicer by `steps`, of which each is a tenth of its share. One that
/// is as nice as it can be stays so.
///
/// Source: setpriority(2), *C library/kernel differences*: niceness is a thread's.
#[cfg(target_os = "linux")]
pub(crate) fn step_back(steps: u8) {
    const ME: libc::id_t = 0;

    if steps == 0 {
        return;
    }
    // SAFETY: it takes two numbers and returns one. -1 may be an error or a niceness; after
    // an error, which none is known of for one's own thread, that is a place to begin from,
    // too.
    let now = unsafe { libc::getpriority(libc::PRIO_PROCESS, ME) };
    let nicer = now.saturating_add(steps.into());
    // SAFETY: it takes three numbers. To be nicer is always allowed, and what is too much is
    // cut by the kernel; if it fails all the same, the thread counts as much as before.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, ME, nicer) };
}
// ANCHOR_END: step_back

/// Does nothing: see the module.
#[cfg(not(target_os = "linux"))]
pub(crate) fn step_back(_steps: u8) {}
