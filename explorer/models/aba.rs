//! Free slots of an array, linked by their indices. One thread takes a slot; meanwhile the
//! other takes two and gives the first one back.

use explorer::ground::atomic::{AtomicUsize, Ordering::SeqCst};
use explorer::ground::{Named as _, thread};

pub const TITLE: &str = "Slots 1, 2, 3 are free. Can a slot be free and in use?";

// ANCHOR: model
// ANCHOR: shared
fn take(free: &Free) -> usize {
    loop {
        let top = free.head();
        let next = free.next(top);
        if free.swap_head(top, next) {
            return top;
        }
    }
}

fn give_back(free: &Free, slot: usize) {
    loop {
        let top = free.head();
        free.set_next(slot, top);
        if free.swap_head(top, slot) {
            return;
        }
    }
}
// ANCHOR_END: shared

pub fn model() -> String {
    let free = Free::new();
    let (one, two) = thread::scope(|threads| {
        let one = threads.spawn(|| {
            // ANCHOR: thread_1
            take(&free)
            // ANCHOR_END: thread_1
        });
        let two = threads.spawn(|| {
            // ANCHOR: thread_2
            let first = take(&free);
            let mine = take(&free);
            give_back(&free, first);
            mine
            // ANCHOR_END: thread_2
        });
        (one.join().unwrap(), two.join().unwrap())
    });
    match free.head.into_inner() {
        head if head == one => format!("slot {one} is free, and thread 1 uses it"),
        head if head == two => format!("slot {two} is free, and thread 2 uses it"),
        head => format!("thread 1 uses {one}, thread 2 uses {two}, {head} is free"),
    }
}

/// Free slots: the first one, and what comes behind each. 0 ends the list.
struct Free {
    head: AtomicUsize,
    next: [AtomicUsize; 3],
}

impl Free {
    fn new() -> Self {
        Self {
            head: AtomicUsize::new(1).named("head"),
            next: [
                AtomicUsize::new(2).named("next(1)"),
                AtomicUsize::new(3).named("next(2)"),
                AtomicUsize::new(0).named("next(3)"),
            ],
        }
    }

    #[track_caller]
    fn head(&self) -> usize {
        self.head.load(SeqCst)
    }

    #[track_caller]
    fn next(&self, slot: usize) -> usize {
        self.next[slot - 1].load(SeqCst)
    }

    #[track_caller]
    fn set_next(&self, slot: usize, next: usize) {
        self.next[slot - 1].store(next, SeqCst);
    }

    /// Makes `new` the first one if `old` still is.
    #[track_caller]
    fn swap_head(&self, old: usize, new: usize) -> bool {
        self.head.compare_exchange(old, new, SeqCst, SeqCst).is_ok()
    }
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.starts_with("slot")
}
