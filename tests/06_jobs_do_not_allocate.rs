//! Property: no allocation for a `join` or in `each`, at most one for each 64 jobs of a
//! scope, and at most one for a job that is spawned. Counted in all threads, when all of
//! them have been started and their rings have been used.

#[path = "common/allocations.rs"]
mod allocations;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use threadbare::pool::{self, Batch, ThreadPool};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

/// One test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// How many allocations `run` makes. The least of some runs: what a thread does for the
/// first time, or the test harness meanwhile, is not what is counted.
fn allocated_by(mut run: impl FnMut()) -> usize {
    let count = |_| {
        let before = allocations::count_of_all();
        run(); // it waits for all that it starts
        allocations::count_of_all() - before
    };
    (0..12).map(count).min().unwrap()
}

fn in_pools(run: impl Fn(&ThreadPool)) {
    let _alone = ALONE.lock().unwrap_or_else(|it| it.into_inner());
    within(LIMIT, || {
        for threads in [1, 2, 4] {
            let pool = ThreadPool::new(threads);
            let barrier = std::sync::Barrier::new(threads);
            pool.scope(|scope| {
                (0..threads).for_each(|_| scope.spawn(|| _ = barrier.wait()));
            });
            run(&pool);
        }
    });
}

#[test]
fn a_join_allocates_nothing() {
    fn tree(depth: u32) -> u32 {
        match depth {
            0 => 1,
            _ => {
                let (a, b) = pool::join(|| tree(depth - 1), || tree(depth - 1));
                a + b
            }
        }
    }
    in_pools(|pool| {
        let count = allocated_by(|| assert_eq!(pool.install(|| tree(10)), 1_024));
        assert_eq!(count, 0, "for 1,023 joins");
    });
}

#[test]
fn each_allocates_nothing() {
    in_pools(|pool| {
        let mut items = vec![1_u64; 10_000];
        let sum = AtomicUsize::new(0);
        let count = allocated_by(|| {
            // ORDERING: Relaxed. Only the sum matters.
            pool.each(&items, |n| _ = sum.fetch_add(*n as usize, Relaxed));
            pool.each_mut(&mut items, |n| *n += 1);
        });
        assert_eq!(count, 0, "for 20,000 items");
        let count = allocated_by(|| drop(pool.map(&items, |n| n * 2)));
        assert!(count <= 1, "{count}, and the vector is one");
    });
}

#[test]
fn a_scope_allocates_once_for_64_jobs() {
    in_pools(|pool| {
        let ran = AtomicUsize::new(0);
        let job = || {
            // ORDERING: Relaxed. Only the count matters.
            ran.fetch_add(1, Relaxed);
        };
        for jobs in [1_usize, 64, 640, 6_400] {
            let spawn =
                || pool.scope(|scope| (0..jobs).for_each(|_| scope.spawn(job)));
            let most = jobs.div_ceil(64);
            let outside = allocated_by(spawn);
            assert!(outside <= most, "{outside} for {jobs} jobs from outside");
            let inside = allocated_by(|| pool.install(spawn));
            assert!(inside <= most, "{inside} for {jobs} jobs from inside");
        }
    });
}

#[test]
fn a_job_that_is_spawned_is_one_allocation() {
    in_pools(|pool| {
        let spawn = || {
            for _ in 0..100 {
                let numbers = [1_u64; 16];
                let handle =
                    pool.spawn(move || numbers.iter().sum::<u64>()).unwrap();
                assert_eq!(handle.wait().unwrap(), 16);
            }
        };
        let count = allocated_by(spawn);
        assert!(count <= 100, "{count} for 100 jobs");
        let count = allocated_by(|| pool.install(spawn));
        assert!(count <= 100, "{count} for 100 jobs from inside");
        // Those that are in a batch, and those that nobody waits for.
        let done = Arc::new(AtomicUsize::new(0));
        let mut wanted = 0;
        let count = allocated_by(|| {
            let mut batch = Batch::new();
            for _ in 0..100 {
                let done = Arc::clone(&done);
                // ORDERING: Relaxed. Only the count matters.
                drop(batch.push(move || _ = done.fetch_add(1, Relaxed)));
            }
            pool.spawn_batch(batch).unwrap();
            wanted += 100;
            // ORDERING: Relaxed, as above.
            while done.load(Relaxed) < wanted {
                std::thread::yield_now();
            }
        });
        assert!(count <= 100, "{count} for a batch of 100");
    });
}
