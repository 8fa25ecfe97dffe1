//! Property: a pool starts a thread when there is a job and nobody to run it, and not more
//! than it may; each has the name and the stack that was asked for; and those that had
//! nothing to do for long enough end, if that was asked for.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;
use threadbare::pool::{self, Batch, Builder, ThreadPool};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

/// Names of the threads on which so many jobs run that wait for each other.
fn names(pool: &ThreadPool, jobs: usize) -> BTreeSet<String> {
    let barrier = Arc::new(Barrier::new(jobs));
    let mut batch = Batch::new();
    let handles: Vec<_> = (0..jobs)
        .map(|_| {
            let barrier = Arc::clone(&barrier);
            batch.push(move || {
                barrier.wait();
                let index = pool::worker_index().expect("a worker's");
                let name = thread::current().name().unwrap_or("none").to_owned();
                assert!(name.ends_with(&format!("-{index}")), "{name}, {index}");
                name
            })
        })
        .collect();
    pool.spawn_batch(batch).unwrap();
    handles.into_iter().map(|it| it.wait().unwrap()).collect()
}

#[test]
fn threads_are_named_and_no_more_than_needed() {
    within(LIMIT, || {
        let pool = ThreadPool::builder().name("cook").threads(4).build();
        assert_eq!(
            (pool.threads(), pool.started()),
            (4, 0),
            "none without a job"
        );
        assert_eq!(pool::worker_index(), None, "this is no worker");
        assert_eq!(names(&pool, 1), BTreeSet::from(["cook-0".to_owned()]));
        step("four meet");
        let all = (0..4).map(|n| format!("cook-{n}")).collect();
        assert_eq!(names(&pool, 4), all);
        assert_eq!(pool.started(), 4);
        for _ in 0..100 {
            assert!(names(&pool, 4).is_subset(&all));
        }
        assert_eq!((pool.started(), pool.counters().len()), (4, 4));
    });
}

/// One job at a time needs one thread, or two, if it comes while the first is on its way
/// to bed.
#[test]
fn one_job_starts_one_thread() {
    within(LIMIT, || {
        let pool = ThreadPool::new(64);
        pool.spawn(|| ()).unwrap().wait().unwrap();
        assert_eq!(pool.started(), 1);
    });
}

#[test]
fn a_stack_is_as_large_as_asked() {
    /// Uses about 4 KiB for each level.
    fn dig(levels: usize) -> usize {
        let page = black_box([1_u8; 4096]);
        if levels == 0 {
            0
        } else {
            usize::from(page[levels % page.len()]) + dig(levels - 1)
        }
    }
    within(LIMIT, || {
        let pool = ThreadPool::builder()
            .threads(2)
            .stack_size(64 << 20)
            .build();
        let both = pool.join(|| dig(5_000), || dig(5_000));
        assert_eq!(both, (5_000, 5_000));
    });
}

#[test]
fn idle_threads_end_if_asked() {
    within(LIMIT, || {
        let after = Duration::from_millis(1);
        let pool = ThreadPool::builder().threads(8).idle_exit(after).build();
        for round in 0..20 {
            assert_eq!(names(&pool, 8).len(), 8);
            step(format!("waiting for the end of seven, round {round}"));
            while pool.started() > 1 {
                thread::yield_now();
            }
        }
        drop(pool);
        let stays = ThreadPool::new(4);
        names(&stays, 4);
        assert_eq!(stays.started(), 4);
    });
}

/// Threads end while jobs come: none is lost.
#[test]
fn a_job_may_come_while_a_thread_ends() {
    within(LIMIT, || {
        let after = Duration::from_micros(20);
        let pool = ThreadPool::builder().threads(3).idle_exit(after).build();
        for round in 0_u32..2_000 {
            step(format!("round {round}"));
            let handles: Vec<_> = (0..1 + round % 3)
                .map(|n| pool.spawn(move || n).unwrap())
                .collect();
            handles
                .into_iter()
                .for_each(|it| assert!(it.wait().unwrap() < 3));
            for _ in 0..(round % 100) * 10 {
                std::hint::spin_loop();
            }
        }
    });
}

/// The pool of the process, and the functions that find the pool that they are on.
#[test]
fn the_process_has_a_pool() {
    within(LIMIT, || {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        assert_eq!(pool::global().threads(), cores);
        assert_eq!(pool::spawn(|| 7).unwrap().wait().unwrap(), 7);
        assert_eq!(pool::join(|| 1, || 2), (1, 2));
        let own = ThreadPool::builder().name("own").threads(1).build();
        let is_own = || {
            let name = thread::current().name().unwrap_or("none").to_owned();
            assert_eq!(name, "own-0", "not on the pool that called");
        };
        own.install(|| {
            pool::join(is_own, is_own);
            pool::scope(|scope| scope.spawn(is_own));
            pool::each(&[(); 100], |()| is_own());
            pool::spawn(is_own).unwrap().wait().unwrap();
        });
    });
}

#[test]
#[should_panic(expected = "thread")]
fn a_pool_has_a_thread() {
    drop(ThreadPool::new(0));
}

#[test]
fn a_builder_can_be_used_again() {
    fn is_clone<T: Clone>(builder: &T) -> T {
        builder.clone()
    }
    let builder: Builder = ThreadPool::builder().threads(2).name("twin");
    for _ in 0..2 {
        assert_eq!(is_clone(&builder).build().threads(), 2);
    }
}
