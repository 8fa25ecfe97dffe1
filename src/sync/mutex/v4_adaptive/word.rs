//! The word of the lock: what it says, and who changes it.
//!
//! | state | means | `try_lock` | `lock_contended` | `unlock` |
//! |---|---|---|---|---|
//! | FREE | nobody has it | LOCKED | CONTENDED, after a sleep | cannot happen |
//! | LOCKED | taken, nobody sleeps | fails | looks again; CONTENDED, and sleeps | FREE |
//! | CONTENDED | taken, somebody may sleep | fails | sleeps | FREE, and wakes one |

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

/// How often to look before sleeping.
const LOOKS: u32 = if cfg!(test) { 1 } else { 100 };

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

    // ANCHOR: lock_contended
    #[cold]
    pub(in crate::sync) fn lock_contended(&self) {
        let mut state = self.look();
        // It came free while nobody slept.
        if state == FREE && self.try_lock() {
            return;
        }
        loop {
            // ORDERING: Acquire pairs with the Release swap in `unlock`, by which the last
            // owner let go.
            if state != CONTENDED && self.state.swap(CONTENDED, Acquire) == FREE {
                return;
            }
            futex::wait(&self.state, CONTENDED);
            state = self.look();
        }
    }

    /// Looks until it is worth while to do something else.
    fn look(&self) -> u32 {
        let mut left = LOOKS;
        loop {
            // ORDERING: Relaxed. A guess; whoever acts on it looks again.
            let state = self.state.load(Relaxed);
            if state != LOCKED || left == 0 {
                return state;
            }
            hint::spin_loop();
            left -= 1;
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
