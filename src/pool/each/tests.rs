//! `each`, `each_mut` and `map` on real threads.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use crate::pool::{self, ThreadPool};
use crate::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

/// How many there are at the moment.
static ALIVE: AtomicUsize = AtomicUsize::new(0);

/// Something on the heap that is counted.
#[derive(Debug, PartialEq)]
struct Counted(Box<usize>);

impl Counted {
    fn new(value: usize) -> Self {
        // ORDERING: Relaxed, all of them. Only the number matters.
        ALIVE.fetch_add(1, Relaxed);
        Self(Box::new(value))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // ORDERING: as above.
        ALIVE.fetch_sub(1, Relaxed);
    }
}

fn pools() -> impl Iterator<Item = ThreadPool> {
    [1, 2, 3, 8].into_iter().map(ThreadPool::new)
}

#[test]
fn each_item_is_done_once() {
    within(LIMIT, || {
        for pool in pools() {
            for len in [0, 1, 2, 3, 63, 64, 65, 1000, 5000] {
                let mut items: Vec<_> =
                    (0..len).map(|_| AtomicUsize::new(0)).collect();
                // ORDERING: Relaxed. The pool orders it.
                pool.each(&items, |item| _ = item.fetch_add(1, Relaxed));
                pool.each_mut(&mut items, |item| *item.get_mut() += 10);
                // ORDERING: as above.
                let sums = pool.map(&items, |item| item.load(Relaxed));
                assert_eq!(sums, vec![11; len], "of {len}");
            }
        }
    });
}

#[test]
fn the_order_is_kept() {
    within(LIMIT, || {
        let items: Vec<_> = (0..10_000_usize).collect();
        for pool in pools() {
            let texts = pool.map(&items, |item| item.to_string());
            for (item, text) in items.iter().zip(texts) {
                assert_eq!(item.to_string(), text);
            }
        }
    });
}

#[test]
fn values_of_no_size_are_counted_all_the_same() {
    within(LIMIT, || {
        for pool in pools() {
            let units = pool.map(&[(); 1000], |()| ());
            assert_eq!(units.len(), 1000);
            pool.each_mut(&mut [(); 100], |()| ());
            let numbers = pool.map(&[(); 100], |()| 7);
            assert_eq!(numbers, [7; 100]);
        }
    });
}

#[test]
fn ten_million_items() {
    within(LIMIT, || {
        let mut items = vec![1_u8; 10_000_000];
        let pool = ThreadPool::new(2);
        pool.each_mut(&mut items, |item| *item += 1);
        let doubled = pool.map(&items, |item| item * 2);
        assert!(
            doubled.iter().all(|item| *item == 4) && doubled.len() == items.len()
        );
    });
}

/// With no more than eight times as many items as workers, none waits behind another while a
/// worker is idle: so they can all meet.
#[test]
fn as_many_items_as_workers_meet() {
    within(LIMIT, || {
        for threads in [1, 2, 4, 16] {
            let pool = ThreadPool::new(threads);
            let mut items = vec![(); threads];
            let barrier = Barrier::new(threads);
            for _ in 0..20 {
                pool.each(&items, |()| _ = barrier.wait());
                pool.each_mut(&mut items, |()| _ = barrier.wait());
                let leaders = pool.map(&items, |()| barrier.wait().is_leader());
                assert_eq!(leaders.iter().filter(|is| **is).count(), 1);
            }
        }
    });
}

/// The first item does not end before all others have: they do not wait behind it.
#[test]
fn nobody_waits_behind_a_slow_item() {
    within(LIMIT, || {
        for slow in [0, 7, 15] {
            let pool = ThreadPool::new(2);
            let others = AtomicUsize::new(0);
            let items: Vec<_> = (0..16).collect();
            pool.each(&items, |item| {
                if *item != slow {
                    // ORDERING: Relaxed, all. Only the number matters.
                    others.fetch_add(1, Relaxed);
                    return;
                }
                // ORDERING: as above.
                while others.load(Relaxed) < 15 {
                    std::thread::yield_now();
                }
            });
        }
    });
}

#[test]
fn a_panic_comes_out_and_what_was_made_is_dropped() {
    within(LIMIT, || {
        let items: Vec<_> = (0..1000).collect();
        for pool in pools() {
            for bad in [0, 1, 499, 998, 999] {
                let made = std::panic::catch_unwind(|| {
                    pool.map(&items, |item| {
                        if *item == bad {
                            std::panic::resume_unwind(Box::new(bad));
                        }
                        Counted::new(*item)
                    })
                });
                assert_eq!(made.unwrap_err().downcast_ref(), Some(&bad));
                // ORDERING: Relaxed. All threads are done with it.
                assert_eq!(ALIVE.load(Relaxed), 0, "{bad}");
            }
            let made = pool.map(&items, |item| Counted::new(*item));
            // ORDERING: as above.
            assert_eq!(ALIVE.load(Relaxed), 1000);
            assert!(made.iter().zip(&items).all(|(made, item)| *made.0 == *item));
            drop(made);
            // ORDERING: as above.
            assert_eq!(ALIVE.load(Relaxed), 0);
        }
    });
}

#[test]
fn they_may_be_nested() {
    within(LIMIT, || {
        for pool in pools() {
            let rows = pool.map(&[1_u64, 2, 3, 4, 5], |row| {
                let columns: Vec<_> = (0..100).map(|column| row * column).collect();
                pool::map(&columns, |item| item + 1).iter().sum::<u64>()
            });
            assert_eq!(rows, [5050, 10000, 14950, 19900, 24850]);
        }
    });
}

#[test]
fn after_a_shutdown_they_run_here() {
    let pool = ThreadPool::new(2);
    pool.shutdown();
    let here = std::thread::current().id();
    let ids = pool.map(&[0; 100], |_| std::thread::current().id());
    assert!(ids.iter().all(|id| *id == here));
}
