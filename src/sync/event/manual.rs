//! A gate: a flag, a mark that somebody sleeps, and how often it was opened.
//!
//! | bits | |
//! |---|---|
//! | 0 | it is set |
//! | 1 | somebody sleeps |
//! | 2 to 31 | how often it was set, modulo 2^30 |
//!
//! A waiter that oversleeps exactly 2^30 sets with a reset between each would sleep on until
//! the next one.

use super::{Limit, SET};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::futex;

const ASLEEP: u32 = 2;
/// One more time.
const TIME: u32 = 4;

/// How often it was set.
fn times(word: u32) -> u32 {
    word & !(SET | ASLEEP)
}

// ANCHOR: set
pub(super) fn set(word: &AtomicU32) {
    // ORDERING: Release pairs with the Acquire operations in `wait`, `is_set` and `reset`.
    // It is written also if that changes nothing: who reads it sees what came before *this*
    // call. On failure Relaxed: it is tried again.
    let before = word.update(Release, Relaxed, |word| {
        if word & SET == 0 {
            times(word).wrapping_add(TIME) | SET
        } else {
            word
        }
    });
    if before & ASLEEP != 0 {
        futex::wake_all(word);
    }
}
// ANCHOR_END: set

// ANCHOR: wait
pub(super) fn wait(word: &AtomicU32, limit: impl FnOnce() -> Limit) -> bool {
    // ORDERING: Acquire pairs with the Release in `set`.
    let mut seen = word.load(Acquire);
    let came = times(seen);
    let is_over = |seen: u32| seen & SET != 0 || times(seen) != came;
    if is_over(seen) {
        return true;
    }
    let limit = limit();
    let mut is_time_left = true;
    while !is_over(seen) && is_time_left {
        let marked = seen | ASLEEP;
        // ORDERING: Relaxed. The mark carries nothing. On failure Relaxed: it is looked at
        // again below.
        let mark = word.compare_exchange(seen, marked, Relaxed, Relaxed);
        if mark.is_ok() {
            is_time_left = limit.wait(word, marked);
        }
        // ORDERING: Acquire pairs with the Release in `set`.
        seen = word.load(Acquire);
    }
    is_over(seen)
}
// ANCHOR_END: wait
