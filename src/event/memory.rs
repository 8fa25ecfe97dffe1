//! Large blocks of memory that go back to the system when they are freed.
//!
//! An allocator takes small blocks from a heap that it only gives back from the end, and one
//! small block there keeps all the rest. Large blocks are mapped from the system one by one,
//! and unmapped when they are freed. What is large is 128 KiB for glibc at first. But the
//! first such block that is freed raises that to its own size, up to 32 MiB, for it may soon
//! be needed again. So after some uploads of a megabyte the next ones are taken from the
//! heap, and what a burst of them has needed is held for ever. To set the limit is to keep it.
#![allow(unsafe_code, reason = "mallopt")]

/// From this size on, a block goes back to the system when it is freed.
pub(crate) const LARGE: usize = 256 * 1024;

/// Makes the allocator give back large blocks, in the whole process and for good. Only glibc
/// has to be told.
///
/// # Cost
/// Once, nothing. From then on a large block costs two system calls, and a fault for each of
/// its pages.
#[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
pub(crate) fn give_back_large_blocks() {
    use std::sync::Once;

    static ONCE: Once = Once::new();
    // What lies free at the heap's end, before that is given back.
    const END: usize = 4 * LARGE;
    // SAFETY: each call changes a number of the allocator's, under its own lock. It refuses
    // what it can't do, and then all is as before.
    ONCE.call_once(|| unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE as libc::c_int);
        libc::mallopt(libc::M_TRIM_THRESHOLD, END as libc::c_int);
    });
}

/// The other allocators do that by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu", not(miri))))]
pub(crate) fn give_back_large_blocks() {}
