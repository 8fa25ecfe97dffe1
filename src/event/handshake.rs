//! One word, by which a waker knows whether the loop needs to be woken.
//!
//! | the word | the loop | `notify` does |
//! |---|---|---|
//! | `AWAKE` | runs, and looks at the word before it sleeps | `NOTIFIED`, no system call |
//! | `NOTIFIED` | as before; or sleeps, and a system call is on its way to it | nothing more |
//! | `ASLEEP` | sleeps in the kernel, or is about to | `NOTIFIED`, and the system call |
//!
//! See `README.md` for the protocol, and why no wake-up is lost.

use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

/// The loop runs. It looks at the word before it sleeps.
const AWAKE: u32 = 0;
/// The loop sleeps in the kernel, or is about to: only the kernel can reach it.
const ASLEEP: u32 = 1;
/// Somebody has called, and the loop has not taken notice of it yet.
const NOTIFIED: u32 = 2;

/// What loop and wakers share.
#[derive(Debug)]
pub(crate) struct Handshake {
    word: AtomicU32,
}

// ANCHOR: handshake
impl Handshake {
    pub(crate) fn new() -> Self {
        Self {
            word: AtomicU32::new(AWAKE).named("word"),
        }
    }

    /// Waker: leaves the notice. Whether the loop sleeps, so that the kernel must wake it.
    pub(crate) fn notify(&self) -> bool {
        // ORDERING: Release publishes what the caller did before; pairs with the Acquire
        // in `get_up`. A swap keeps what earlier callers have published, a store would not.
        self.word.swap(NOTIFIED, Release) == ASLEEP
    }

    /// Loop: says that it is going to sleep. Not if there is a notice: then it must not.
    pub(crate) fn lie_down(&self) -> bool {
        // ORDERING: Relaxed, both. Either this sees the notice, or `notify` sees ASLEEP:
        // that is the order of this one word. What came with a notice is for `get_up`.
        self.word
            .compare_exchange(AWAKE, ASLEEP, Relaxed, Relaxed)
            .is_ok()
    }

    /// Loop: is up again. Whether there was a notice.
    pub(crate) fn get_up(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `notify`: all that was done before
        // each call that this notice stands for is seen from here on.
        self.word.swap(AWAKE, Acquire) == NOTIFIED
    }
}
// ANCHOR_END: handshake

#[cfg(test)]
mod models;
