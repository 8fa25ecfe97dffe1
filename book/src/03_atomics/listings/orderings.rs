//! What the compiler makes of atomics: the functions whose assembly chapter 03 shows.
//!
//! `tests/03_the_listings_are_what_the_compiler_makes.rs` compiles this file for x86-64 and
//! for AArch64 and compares the result with the text files beside it.

#![no_std]

use core::cell::UnsafeCell;
use core::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence,
};

#[unsafe(no_mangle)]
pub fn load_relaxed(x: &AtomicU64) -> u64 {
    x.load(Relaxed)
}

#[unsafe(no_mangle)]
pub fn load_acquire(x: &AtomicU64) -> u64 {
    x.load(Acquire)
}

#[unsafe(no_mangle)]
pub fn load_seqcst(x: &AtomicU64) -> u64 {
    x.load(SeqCst)
}

#[unsafe(no_mangle)]
pub fn store_relaxed(x: &AtomicU64, new: u64) {
    x.store(new, Relaxed)
}

#[unsafe(no_mangle)]
pub fn store_release(x: &AtomicU64, new: u64) {
    x.store(new, Release)
}

#[unsafe(no_mangle)]
pub fn store_seqcst(x: &AtomicU64, new: u64) {
    x.store(new, SeqCst)
}

#[unsafe(no_mangle)]
pub fn fetch_add_relaxed(x: &AtomicU64, n: u64) -> u64 {
    x.fetch_add(n, Relaxed)
}

#[unsafe(no_mangle)]
pub fn fetch_add_seqcst(x: &AtomicU64, n: u64) -> u64 {
    x.fetch_add(n, SeqCst)
}

#[unsafe(no_mangle)]
pub fn exchange_acquire(x: &AtomicU64, old: u64, new: u64) -> bool {
    x.compare_exchange(old, new, Acquire, Relaxed).is_ok()
}

#[unsafe(no_mangle)]
pub fn fence_acquire() {
    fence(Acquire)
}

#[unsafe(no_mangle)]
pub fn fence_release() {
    fence(Release)
}

#[unsafe(no_mangle)]
pub fn fence_seqcst() {
    fence(SeqCst)
}

// ANCHOR: wait_plain
#[unsafe(no_mangle)]
pub fn wait_plain(ready: &UnsafeCell<bool>) {
    // SAFETY: broken on purpose. If another thread sets the flag, this is a data race.
    while unsafe { !*ready.get() } {}
}
// ANCHOR_END: wait_plain

// ANCHOR: wait_atomic
#[unsafe(no_mangle)]
pub fn wait_atomic(ready: &AtomicBool) {
    while !ready.load(Relaxed) {}
}
// ANCHOR_END: wait_atomic

// ANCHOR: progress_plain
#[unsafe(no_mangle)]
pub fn progress_plain(percent: &UnsafeCell<u64>, result: &mut u64) {
    // SAFETY: broken on purpose. If another thread looks at `percent`, it is a data race.
    unsafe { *percent.get() = 50 };
    *result = 7;
    // SAFETY: as above.
    unsafe { *percent.get() = 100 };
}
// ANCHOR_END: progress_plain

// ANCHOR: progress_atomic
#[unsafe(no_mangle)]
pub fn progress_atomic(percent: &AtomicU64, result: &mut u64) {
    percent.store(50, Relaxed);
    *result = 7;
    percent.store(100, Relaxed);
}
// ANCHOR_END: progress_atomic
