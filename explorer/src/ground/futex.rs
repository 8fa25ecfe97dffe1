//! The kernel's wait queue: sleep while a word holds a value, and wake who sleeps on it.

use std::panic::Location;
use std::time::Duration;

use super::atomic::AtomicU32;
use crate::execution::{self, Woken, abandon_if_failed};

/// Sleeps while `word` holds `expected`: looks, and goes to sleep, in one step. Returns when
/// it is woken, when the word holds something else, or for no reason.
#[track_caller]
pub fn wait(word: &AtomicU32, expected: u32) {
    let site = Location::caller();
    match word.begin(site) {
        Some(atomic) => {
            execution::futex_wait(atomic, expected, None, site);
        }
        None => atomic_wait::wait(word.real(), expected),
    }
}

/// As [`wait`], for at most `limit`; `false` if that time is over.
#[track_caller]
pub fn wait_timeout(word: &AtomicU32, expected: u32, limit: Duration) -> bool {
    let site = Location::caller();
    let Some(atomic) = word.begin(site) else {
        return wait_for_real(word, expected, limit);
    };
    let deadline = execution::now().saturating_add(limit);
    execution::futex_wait(atomic, expected, Some(deadline), site) != Woken::TimedOut
}

/// Wakes one of those that sleep on `word`.
#[track_caller]
pub fn wake_one(word: &AtomicU32) {
    wake(word, 1, Location::caller());
}

/// Wakes all that sleep on `word`.
#[track_caller]
pub fn wake_all(word: &AtomicU32) {
    wake(word, usize::MAX, Location::caller());
}

fn wake(word: &AtomicU32, most: usize, site: execution::Site) {
    match word.begin(site) {
        Some(atomic) => {
            execution::futex_wake(atomic, most, site);
            abandon_if_failed();
        }
        None if most == 1 => atomic_wait::wake_one(word.real()),
        None => atomic_wait::wake_all(word.real()),
    }
}

/// Outside a model: looks again from time to time, for want of a portable wait with a limit.
fn wait_for_real(word: &AtomicU32, expected: u32, limit: Duration) -> bool {
    use std::sync::atomic::Ordering::Relaxed;
    let started = std::time::Instant::now();
    // ORDERING: Relaxed. Only whether the value differs; whoever waits looks again.
    while word.real().load(Relaxed) == expected {
        if started.elapsed() >= limit {
            return false;
        }
        std::thread::park_timeout(Duration::from_micros(50));
    }
    true
}
