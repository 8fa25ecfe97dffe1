//! The word of the lock: what it says, and who changes it.
//!
//! | state | means | `try_lock` | `lock_contended` | `unlock` |
//! |---|---|---|---|---|
//! | FREE | nobody has it | LOCKED | LOCKED; CONTENDED after a sleep or just before | cannot happen |
//! | LOCKED | taken, nobody sleeps | fails | looks again; then CONTENDED, and sleeps | FREE |
//! | CONTENDED | taken, somebody may sleep | fails | looks again; then sleeps | FREE, and wakes one |

use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::{const_new, futex, hint};

// ANCHOR: word
const FREE: u32 = 0;
/// Locked, and nobody sleeps.
const LOCKED: u32 = 1;
/// Locked, and somebody may sleep: whoever unlocks wakes one.
const CONTENDED: u32 = 2;

/// A lock around nothing.
#[derive(Debug)]
pub(in crate::sync) struct Word {
    state: AtomicU32,
}
// ANCHOR_END: word

// ANCHOR: pauses
/// How many pauses lie between the first two looks. Then four times as many, and so on: a
/// look takes the word from the core of the owner, who needs it to unlock.
const SHORTEST: u32 = if cfg!(test) { 1 } else { 4 };
/// How many pauses lie between two looks at most.
const LONGEST: u32 = if cfg!(test) { 1 } else { 256 };
/// How many pauses it takes until the thread sleeps. Where this was measured that is some
/// 20 microseconds, about what a sleep and a wake-up on another core cost there.
const PAUSES: u32 = if cfg!(test) { 0 } else { 2_048 };
// ANCHOR_END: pauses

impl Word {
    const_new! {
        /// A lock that is free.
        #[inline]
        pub(in crate::sync) fn new() -> Self {
            Self {
                state: AtomicU32::new(FREE),
            }
        }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub(in crate::sync) fn try_lock(&self) -> bool {
        // ORDERING: Acquire pairs with the Release swap in `unlock`, by which the last owner
        // let go. On failure Relaxed: nothing is looked at.
        let taken = self.state.compare_exchange(FREE, LOCKED, Acquire, Relaxed);
        taken.is_ok()
    }

    /// Takes the lock, for who has just slept for something else. Who woke it may have the
    /// lock still, and on this very core: to spin would keep it from going on.
    pub(in crate::sync) fn lock_after_sleep(&self) {
        if !self.try_lock() {
            self.sleep();
        }
    }

    // ANCHOR: lock_contended
    #[cold]
    pub(in crate::sync) fn lock_contended(&self) {
        if !self.spin(LOCKED) {
            self.sleep();
        }
    }

    fn sleep(&self) {
        // ORDERING: Acquire pairs with the Release swap in `unlock`, by which the last owner
        // let go.
        while self.state.swap(CONTENDED, Acquire) != FREE {
            futex::wait(&self.state, CONTENDED);
            // The unlock that woke this thread has cleared the mark, for all sleepers.
            if self.spin(CONTENDED) {
                return;
            }
        }
    }

    /// Looks now and then, and turns the word from FREE to `to`. `false` if that did not
    /// come about in the time in which a thread can sleep and wake up again.
    fn spin(&self, to: u32) -> bool {
        let (mut pauses, mut left) = (SHORTEST, PAUSES);
        loop {
            // ORDERING: Relaxed. A guess when to try; the next line decides.
            if self.state.load(Relaxed) == FREE
                // ORDERING: Acquire, as in `try_lock`.
                && self.state.compare_exchange(FREE, to, Acquire, Relaxed).is_ok()
            {
                return true;
            }
            if left == 0 {
                return false;
            }
            for _ in 0..pauses {
                hint::spin_loop();
            }
            left = left.saturating_sub(pauses);
            pauses = LONGEST.min(4 * pauses);
        }
    }
    // ANCHOR_END: lock_contended

    // ANCHOR: unlock
    /// Gives the lock back. For who has it.
    #[inline]
    pub(in crate::sync) fn unlock(&self) {
        // ORDERING: Release. What was done under the lock is done when it is free; pairs
        // with the Acquire in `try_lock` and in `lock_contended`.
        if self.state.swap(FREE, Release) == CONTENDED {
            self.wake();
        }
    }

    #[cold]
    fn wake(&self) {
        futex::wake_one(&self.state);
    }
    // ANCHOR_END: unlock
}
