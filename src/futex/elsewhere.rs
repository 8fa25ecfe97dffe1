//! The same without the system call of Linux: the crate `atomic-wait` for waits without a
//! limit, and a small table for waits that have one.
//!
//! `atomic-wait` calls what the system has: `WaitOnAddress` on Windows, `__ulock_wait`
//! below libc++ on macOS, `_umtx_op` on FreeBSD. All three look at the word and go to sleep
//! in one step. None of their faces there has a limit, so who has one waits here, in one of
//! a few buckets, each a lock and a condition variable of std.
//!
//! A wake-up goes to both. Of those without a limit the system wakes one or all; of those
//! with a limit all are woken whose words share the bucket. They look again, and a wake-up
//! for no reason is allowed. There are few such waits, and mostly there is none: then it
//! costs a look.
//!
//! This module is here on Linux too, where nothing uses it, so that it can be tried.

mod bucket;
#[cfg(test)]
mod models;

use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use crate::ground::Static;
use bucket::Bucket;

/// How many buckets there are. As many waits with a limit at the same time are rare.
const BUCKETS: usize = 16;

static TABLE: Static<[Bucket; BUCKETS]> =
    Static::new(|| std::array::from_fn(|_| Bucket::new()));

/// The bucket of a word. Neighbours in memory have different ones.
fn bucket(word: &AtomicU32) -> &'static Bucket {
    &TABLE[ptr::from_ref(word).addr() / size_of::<AtomicU32>() % BUCKETS]
}

/// As [`futex::wait`](super::wait).
pub fn wait(word: &AtomicU32, expected: u32) {
    atomic_wait::wait(word, expected);
}

/// As [`futex::wait_timeout`](super::wait_timeout).
pub fn wait_timeout(word: &AtomicU32, expected: u32, limit: Duration) -> bool {
    // ORDERING: Relaxed. As the kernel's own look: it orders nothing. The bucket orders it
    // after the count of those who wait, in `wait_timeout`.
    let is_other = || word.load(Relaxed) != expected;
    bucket(word).wait_timeout(is_other, limit)
}

/// As [`futex::wake_one`](super::wake_one).
pub fn wake_one(word: &AtomicU32) {
    bucket(word).wake();
    atomic_wait::wake_one(word);
}

/// As [`futex::wake_all`](super::wake_all).
pub fn wake_all(word: &AtomicU32) {
    bucket(word).wake();
    atomic_wait::wake_all(word);
}
