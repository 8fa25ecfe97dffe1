//! Tickets: one that lies there, and those that belong to waiters who have been let go.
//!
//! | bits | |
//! |---|---|
//! | 0 | it is set: the next to come takes the ticket |
//! | 1 to 15 | how many wait |
//! | 16 to 30 | how many of those have been let go, and have not left yet |
//!
//! INVARIANT: at most as many are let go as wait; and if it is set, exactly as many, for
//! otherwise the ticket would have gone to a waiter.

use super::{Limit, SET};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::futex;

/// One who waits.
pub(super) const WAITER: u32 = 1 << 1;
/// One of them who may leave.
pub(super) const LET_GO: u32 = 1 << 16;
const MAX_WAITERS: u32 = (1 << 15) - 1;

fn waiters(word: u32) -> u32 {
    (word >> 1) & MAX_WAITERS
}

fn let_go(word: u32) -> u32 {
    word >> 16
}

// ANCHOR: set
pub(super) fn set(word: &AtomicU32) {
    let is_waited_for = |word| let_go(word) < waiters(word);
    // ORDERING: Release pairs with the Acquire operations in `wait`, `sleep`, `is_set` and
    // `reset`. It is written also if that changes nothing: who reads it sees what came
    // before *this* call. On failure Relaxed: it is tried again.
    let before = word.update(Release, Relaxed, |word| {
        if is_waited_for(word) {
            word + LET_GO
        } else {
            word | SET
        }
    });
    if is_waited_for(before) {
        futex::wake_one(word);
    }
}
// ANCHOR_END: set

// ANCHOR: wait
pub(super) fn wait(word: &AtomicU32, limit: impl FnOnce() -> Limit) -> bool {
    // ORDERING: Acquire pairs with the Release in `set`, if there is a ticket. On failure
    // Relaxed: it is tried again.
    let before = word.update(Acquire, Relaxed, |word| {
        if word & SET != 0 {
            return word & !SET;
        }
        assert!(waiters(word) < MAX_WAITERS, "too many threads wait");
        word + WAITER
    });
    before & SET != 0 || sleep(word, limit())
}

#[cold]
fn sleep(word: &AtomicU32, limit: Limit) -> bool {
    let leave = |word| (let_go(word) > 0).then(|| word - LET_GO - WAITER);
    loop {
        // ORDERING: Acquire pairs with the Release in `set`, which has let one go. On failure
        // Relaxed: nobody has been.
        let Err(seen) = word.try_update(Acquire, Relaxed, leave) else {
            return true;
        };
        if !limit.wait(word, seen) {
            // In one step: whoever gives up is not among those who wait when the next set
            // counts them. If it has been let go meanwhile, it was in time.
            // ORDERING: Acquire pairs with the Release in `set`, as above. On failure Relaxed:
            // it is tried again.
            let before = word.update(Acquire, Relaxed, |word| {
                leave(word).unwrap_or(word - WAITER)
            });
            return let_go(before) > 0;
        }
    }
}
// ANCHOR_END: wait
