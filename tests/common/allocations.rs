//! What is allocated: an allocator that passes everything on to the system's, and counts, for
//! each thread and for the process. Whoever includes this file has it.

#![allow(dead_code, reason = "no test needs all of it")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};

/// How often the calling thread has allocated.
pub(crate) fn count() -> usize {
    COUNT.get()
}

/// How many bytes it has allocated, less those that it has freed.
pub(crate) fn bytes() -> isize {
    BYTES.get()
}

/// How often any thread has allocated.
pub(crate) fn count_of_all() -> usize {
    // ORDERING: Relaxed. Only the count matters; whoever compares two has waited for the
    // threads that allocate in between.
    COUNT_OF_ALL.load(Relaxed)
}

/// How many bytes the process has.
pub(crate) fn bytes_of_all() -> isize {
    // ORDERING: Relaxed, as in `count_of_all`.
    BYTES_OF_ALL.load(Relaxed)
}

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<isize> = const { Cell::new(0) };
}

static COUNT_OF_ALL: AtomicUsize = AtomicUsize::new(0);
static BYTES_OF_ALL: AtomicIsize = AtomicIsize::new(0);

fn allocated(bytes: isize) {
    COUNT.set(COUNT.get() + 1);
    // ORDERING: Relaxed, as in `count_of_all`.
    COUNT_OF_ALL.fetch_add(1, Relaxed);
    grown(bytes);
}

fn grown(bytes: isize) {
    BYTES.set(BYTES.get() + bytes);
    // ORDERING: Relaxed, as in `bytes_of_all`.
    BYTES_OF_ALL.fetch_add(bytes, Relaxed);
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[allow(unsafe_code, reason = "counts, and passes everything on")]
// SAFETY: all calls are passed on to the system's allocator as they are. The counters are
// constant at first and have no destructor, so reading them allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        grown(-(layout.size() as isize));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(
        &self,
        pointer: *mut u8,
        layout: Layout,
        size: usize,
    ) -> *mut u8 {
        allocated(size as isize - layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
