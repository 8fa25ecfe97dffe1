//! Property: a shared value is dropped once, by the last owner, after all others are done
//! with it; weak handles do not keep it.
//!
//! Seeded, and with many operations: what the other types have in `tests/stress`. It is
//! here because ThreadSanitizer, which runs those, does not understand the fence in
//! `Arc::drop`.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use threadbare::atomic::arc::{v1_strong, v2_weak};
use threadbare::testkit::{Random, seed};

/// Says when it is dropped, and has memory that is freed then.
struct Value<'a> {
    dropped: &'a AtomicUsize,
    text: Box<str>,
}

impl<'a> Value<'a> {
    fn new(dropped: &'a AtomicUsize) -> Self {
        let text = "shared".into();
        Self { dropped, text }
    }
}

impl Drop for Value<'_> {
    fn drop(&mut self) {
        // ORDERING: Relaxed. Read after the threads have been joined.
        self.dropped.fetch_add(1, Relaxed);
    }
}

#[test]
fn once_after_all_owners() {
    const ROUNDS: usize = 2000;
    const THREADS: u64 = 3;
    let seed = seed("once_after_all_owners");
    for round in 0..ROUNDS as u64 {
        let dropped = AtomicUsize::new(0);
        let first = v1_strong::Arc::new(Value::new(&dropped));
        thread::scope(|scope| {
            for number in 0..THREADS {
                let mine = first.clone();
                let mut random = Random::new(seed ^ (round * THREADS + number));
                scope.spawn(move || {
                    let more: Vec<_> =
                        (0..random.below(4)).map(|_| mine.clone()).collect();
                    drop(mine);
                    for handle in more {
                        assert_eq!(&*handle.text, "shared");
                    }
                });
            }
            drop(first);
        });
        assert_eq!(dropped.into_inner(), 1);
    }
}

#[test]
fn weak_handles_come_back_only_while_there_is_an_owner() {
    const ROUNDS: usize = 2000;
    const THREADS: u64 = 3;
    let seed = seed("weak_handles_come_back_only_while_there_is_an_owner");
    for round in 0..ROUNDS as u64 {
        let dropped = AtomicUsize::new(0);
        let mut first = v2_weak::Arc::new(Value::new(&dropped));
        thread::scope(|scope| {
            for number in 0..THREADS {
                let mut mine = Some(first.clone());
                let weak = v2_weak::Arc::downgrade(&first);
                let mut random = Random::new(seed ^ (round * THREADS + number));
                scope.spawn(move || {
                    let mut known = vec![weak];
                    for _ in 0..random.below(12) {
                        match random.below(5) {
                            0 => mine = None,
                            1 => {
                                mine = known.last().and_then(v2_weak::Weak::upgrade)
                            }
                            2 => known
                                .extend(mine.as_ref().map(v2_weak::Arc::downgrade)),
                            3 => known.truncate(1),
                            _ => {
                                let alone =
                                    mine.as_mut().and_then(v2_weak::Arc::get_mut);
                                assert!(
                                    alone.is_none(),
                                    "this thread has a weak one"
                                );
                            }
                        }
                        if let Some(mine) = &mine {
                            assert_eq!(&*mine.text, "shared");
                        }
                    }
                });
            }
            if let Some(value) = v2_weak::Arc::get_mut(&mut first) {
                value.text = "shared".into();
            }
            drop(first);
        });
        assert_eq!(dropped.into_inner(), 1);
    }
}

/// Whoever is alone may write, and the value of the others is what they have read.
#[test]
fn who_is_alone_may_write() {
    const ROUNDS: usize = 5000;
    let mut alone = 0;
    for _ in 0..ROUNDS {
        let mut mine = v2_weak::Arc::new(vec![1; 8]);
        let theirs = mine.clone();
        thread::scope(|scope| {
            scope.spawn(move || {
                let weak = v2_weak::Arc::downgrade(&theirs);
                drop(theirs);
                if let Some(again) = weak.upgrade() {
                    assert_eq!(*again, [1; 8], "written while it is shared");
                }
            });
            if let Some(values) = v2_weak::Arc::get_mut(&mut mine) {
                alone += 1;
                values.fill(2);
            }
        });
    }
    println!("alone {alone} times of {ROUNDS}");
}
