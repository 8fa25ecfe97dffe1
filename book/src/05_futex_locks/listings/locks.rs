//! What the compiler makes of locks: the functions whose assembly chapter 05 shows.
//!
//! `tests/05_the_listings_are_what_the_compiler_makes.rs` compiles this file, and with it
//! the locks of the library as they are, for x86-64 and for AArch64. It compares the result
//! with the text files beside it. What the locks stand on and what no listing shows is
//! replaced by as little as they need, so that no other crate is compiled.

#![crate_type = "lib"]

use std::sync::{Mutex as StdMutex, OnceLock as StdOnceLock};

use sync::OnceLock;
use sync::mutex::{v1_spin, v2_two_state, v3_three_state};

/// The same functions are compiled with the one and with the other.
#[cfg(not(ordered))]
use sync::Mutex;
#[cfg(ordered)]
use sync::OrderedMutex as Mutex;

#[unsafe(no_mangle)]
pub fn add_v1(sum: &v1_spin::Mutex<u64>) {
    *sum.lock() += 1;
}

#[unsafe(no_mangle)]
pub fn add_v2(sum: &v2_two_state::Mutex<u64>) {
    *sum.lock() += 1;
}

#[unsafe(no_mangle)]
pub fn add_v3(sum: &v3_three_state::Mutex<u64>) {
    *sum.lock() += 1;
}

// ANCHOR: add
#[unsafe(no_mangle)]
pub fn add(sum: &Mutex<u64>) {
    *sum.lock().unwrap() += 1;
}
// ANCHOR_END: add

#[unsafe(no_mangle)]
pub fn add_std(sum: &StdMutex<u64>) {
    *sum.lock().unwrap() += 1;
}

#[unsafe(no_mangle)]
pub fn get(once: &OnceLock<u64>) -> Option<&u64> {
    once.get()
}

#[unsafe(no_mangle)]
pub fn get_std(once: &StdOnceLock<u64>) -> Option<&u64> {
    once.get()
}

/// This is compiled as a release build, so here a lock with a name must be as small as one
/// without.
const _: () = {
    use sync::{Mutex, OrderedMutex};
    assert!(size_of::<OrderedMutex<()>>() == size_of::<Mutex<()>>());
    assert!(size_of::<OrderedMutex<u64>>() == size_of::<Mutex<u64>>());
    assert!(size_of::<OrderedMutex<[u8; 99]>>() == size_of::<Mutex<[u8; 99]>>());
};

#[path = "../../../../src/ground/mod.rs"]
pub mod ground;
#[path = "../../../../src/sync/mod.rs"]
pub mod sync;

/// Calls, which the listings show by these names.
pub mod futex {
    use std::sync::atomic::AtomicU32;
    use std::time::Duration;

    unsafe extern "Rust" {
        #[link_name = "futex::wait"]
        pub safe fn wait(word: &AtomicU32, expected: u32);
        #[link_name = "futex::wait_timeout"]
        pub safe fn wait_timeout(
            word: &AtomicU32,
            expected: u32,
            limit: Duration,
        ) -> bool;
        #[link_name = "futex::wake_one"]
        pub safe fn wake_one(word: &AtomicU32);
        #[link_name = "futex::wake_all"]
        pub safe fn wake_all(word: &AtomicU32);
    }
}

#[path = "../../../../src/locks/refusals.rs"]
pub mod locks;

pub mod thread {
    pub struct Member;
    pub struct WaitGroup;
}

extern crate self as crossbeam_utils;
pub struct Backoff;
