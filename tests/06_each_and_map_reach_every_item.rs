//! Property: `each` and `each_mut` call the function once for every item, `map` keeps the
//! order, and a scope's jobs may write to what they borrow: for any length, any number of
//! threads, and work that is as uneven as can be.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use threadbare::pool::ThreadPool;
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(60);

fn in_all_pools(run: impl Fn(&ThreadPool, usize)) {
    within(LIMIT, || {
        for threads in [1, 2, 3, 8] {
            let pool = ThreadPool::new(threads);
            for length in [0, 1, 2, 3, 7, 63, 64, 65, 1_000, 5_000] {
                step(format!("{threads} threads, {length} items"));
                run(&pool, length);
            }
        }
    });
}

#[test]
fn each_item_is_met_once() {
    in_all_pools(|pool, length| {
        let items: Vec<_> = (0..length).map(|_| AtomicU32::new(0)).collect();
        let visit = |item: &AtomicU32| {
            // ORDERING: Relaxed. Only the count matters.
            item.fetch_add(1, Relaxed);
        };
        pool.each(&items, visit);
        pool.install(|| pool.each(&items, visit));
        let mut plain = vec![1; length];
        pool.each_mut(&mut plain, |n| *n += 1);
        for (item, n) in items.into_iter().zip(plain) {
            assert_eq!((item.into_inner(), n), (2, 2));
        }
    });
}

#[test]
fn map_keeps_the_order() {
    in_all_pools(|pool, length| {
        let items: Vec<usize> = (0..length).collect();
        let texts = pool.map(&items, usize::to_string);
        assert_eq!(texts.len(), length);
        assert!(
            texts
                .iter()
                .enumerate()
                .all(|(n, text)| *text == n.to_string())
        );
        assert_eq!(pool.map(&items, |_| ()).len(), length, "of nothing too");
    });
}

/// One item takes longer than all the others together, wherever it is.
#[test]
fn uneven_work_is_done() {
    let seed = seed("uneven_work_is_done");
    in_all_pools(|pool, length| {
        let mut random = Random::new(seed ^ length as u64);
        let slow = random.below(length.max(1) as u64) as usize;
        let items: Vec<usize> = (0..length).collect();
        let sums = pool.map(&items, |n| {
            let rounds = if *n == slow { 100_000 } else { n % 7 };
            (0..rounds).fold(*n, |sum, _| std::hint::black_box(sum))
        });
        assert_eq!(sums, items);
    });
}

/// If they wait for each other, as many items are under way as there are threads: so many
/// parts there are, though nobody said how many.
#[test]
fn items_are_shared_out() {
    within(LIMIT, || {
        for threads in [2, 4] {
            let pool = ThreadPool::new(threads);
            for round in 0..200 {
                step(format!("{threads} threads, round {round}"));
                let barrier = std::sync::Barrier::new(threads);
                pool.each(&vec![(); threads], |()| _ = barrier.wait());
            }
        }
    });
}

#[test]
fn jobs_of_a_scope_write_to_what_they_borrow() {
    in_all_pools(|pool, length| {
        let mut items = vec![0; length];
        let count = AtomicUsize::new(0);
        let returned = pool.scope(|scope| {
            for (n, item) in items.iter_mut().enumerate() {
                let count = &count;
                scope.spawn(move || {
                    *item = n;
                    // A job of the scope spawns another.
                    scope.spawn(move || {
                        // ORDERING: Relaxed. Only the count matters.
                        count.fetch_add(1, Relaxed);
                    });
                });
            }
            "what the body returns"
        });
        assert_eq!(returned, "what the body returns");
        assert_eq!(count.into_inner(), length);
        assert!(items.into_iter().enumerate().all(|(n, item)| n == item));
    });
}
