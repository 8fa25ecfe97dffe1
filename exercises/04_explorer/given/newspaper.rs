//! Given for 04.3: one thread puts out a newspaper, another one reads it.

#![allow(unsafe_code, reason = "the text is written and read through a pointer")]

use super::super::ground::Named as _;
use super::super::ground::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Relaxed},
};
use super::super::ground::cell::UnsafeCell;
use super::super::ground::sync::Arc;
use super::super::ground::thread;

#[derive(Debug)]
struct Newspaper {
    text: UnsafeCell<u32>,
    pages: AtomicU32,
    is_out: AtomicBool,
}

// SAFETY: the text is written before `is_out` is true and read after. So it is meant;
// the orderings do not say so, and that is what the trace shows.
unsafe impl Sync for Newspaper {}

/// Thread 1 writes, and thread 0, which is `main`, reads.
pub fn one_issue() {
    let paper = Arc::new(Newspaper {
        text: UnsafeCell::new(0).named("text"),
        pages: AtomicU32::new(0).named("pages"),
        is_out: AtomicBool::new(false).named("is_out"),
    });
    let ours = Arc::clone(&paper);
    let writer = thread::spawn(move || ours.write());
    paper.read();
    writer.join().unwrap();
}

impl Newspaper {
    fn write(&self) {
        // SAFETY: the newspaper is not out yet, so nobody reads.
        self.text.with_mut(|text| unsafe { *text = 42 });
        // ORDERING: Relaxed. The store below publishes it, or so we think.
        self.pages.store(8, Relaxed);
        // ORDERING: Relaxed, on the next line: one of the questions is whether that is enough.
        self.is_out.store(true, Relaxed);
    }

    fn read(&self) {
        // ORDERING: Acquire. Whatever the writer did before is visible, or so we think.
        if self.is_out.load(Acquire) {
            // ORDERING: Relaxed. Ordered by the load above, or so we think.
            let pages = self.pages.load(Relaxed);
            // SAFETY: the newspaper is out, so nobody writes.
            let text = self.text.with(|text| unsafe { *text });
            assert_eq!((pages, text), (8, 42), "a newspaper with nothing in it");
        }
    }
}
