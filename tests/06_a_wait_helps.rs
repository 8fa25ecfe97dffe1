//! Property: a worker that waits for jobs runs jobs meanwhile. So jobs that wait for jobs
//! that wait for jobs come to an end, also in a pool of one thread, whichever way they wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use threadbare::pool::{self, ThreadPool, WaitGroup};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const POOLS: [usize; 4] = [1, 2, 4, 64];

fn in_all_pools(name: &str, run: impl Fn(&Arc<ThreadPool>)) {
    within(LIMIT, || {
        for threads in POOLS {
            step(format!("{name}, {threads} threads"));
            run(&Arc::new(ThreadPool::new(threads)));
        }
    });
}

#[test]
fn joins_in_joins() {
    fn fib(n: u64) -> u64 {
        if n < 2 {
            return n;
        }
        let (a, b) = pool::join(|| fib(n - 1), || fib(n - 2));
        a + b
    }
    in_all_pools("joins", |pool| {
        assert_eq!(pool.install(|| fib(16)), 987);
        assert_eq!(pool.join(|| fib(10), || fib(11)), (55, 89));
    });
}

/// Deeper than a worker's ring is long.
#[test]
fn a_chain_of_joins() {
    fn chain(depth: usize) -> usize {
        if depth == 0 {
            return 0;
        }
        let (rest, one) = pool::join(|| chain(depth - 1), || 1);
        rest + one
    }
    in_all_pools("a chain", |pool| {
        assert_eq!(pool.install(|| chain(1_000)), 1_000);
    });
}

#[test]
fn handles_in_jobs() {
    fn tree(pool: &Arc<ThreadPool>, depth: u32) -> usize {
        if depth == 0 {
            return 1;
        }
        let branch = || {
            let theirs = Arc::clone(pool);
            pool.spawn(move || tree(&theirs, depth - 1)).unwrap()
        };
        let both = [branch(), branch()];
        both.into_iter().map(|it| it.wait().unwrap()).sum()
    }
    in_all_pools("handles", |pool| {
        let theirs = Arc::clone(pool);
        let root = pool.spawn(move || tree(&theirs, 6)).unwrap();
        assert_eq!(root.wait().unwrap(), 64);
    });
}

#[test]
fn scopes_in_scopes() {
    fn tree(depth: u32, leaves: &AtomicUsize) {
        if depth == 0 {
            // ORDERING: Relaxed. Only the count matters; the scope orders it.
            leaves.fetch_add(1, Relaxed);
            return;
        }
        pool::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| tree(depth - 1, leaves));
            }
        });
    }
    in_all_pools("scopes", |pool| {
        let leaves = AtomicUsize::new(0);
        pool.scope(|scope| scope.spawn(|| tree(6, &leaves)));
        assert_eq!(leaves.into_inner(), 64);
    });
}

#[test]
fn wait_groups_in_jobs() {
    fn tree(pool: &Arc<ThreadPool>, depth: u32, leaves: &Arc<AtomicUsize>) {
        if depth == 0 {
            // ORDERING: Relaxed. Only the count matters; the group orders it.
            leaves.fetch_add(1, Relaxed);
            return;
        }
        let group = WaitGroup::new();
        for _ in 0..2 {
            let member = group.add();
            let (theirs, leaves) = (Arc::clone(pool), Arc::clone(leaves));
            drop(pool.spawn(move || {
                tree(&theirs, depth - 1, &leaves);
                drop(theirs);
                member.done();
            }));
        }
        group.wait();
        assert_eq!(group.count(), 0);
    }
    in_all_pools("wait groups", |pool| {
        let leaves = Arc::new(AtomicUsize::new(0));
        pool.install(|| tree(pool, 6, &leaves));
        // ORDERING: Relaxed. All have been waited for.
        assert_eq!(leaves.load(Relaxed), 64);
    });
}

#[test]
fn each_in_each() {
    in_all_pools("each", |pool| {
        let rows = vec![vec![1_usize; 50]; 50];
        let sum = AtomicUsize::new(0);
        pool.each(&rows, |row| {
            pool::each(row, |n| {
                // ORDERING: Relaxed. Only the sum matters.
                sum.fetch_add(*n, Relaxed);
            });
        });
        assert_eq!(sum.into_inner(), 2_500);
        let squares = pool.map(&rows, |row| pool::map(row, |n| n * n).len());
        assert_eq!(squares, [50; 50]);
    });
}

/// A pool installed in a job of another: its wait helps at home, and both come to an end.
#[test]
fn a_pool_in_a_pool() {
    in_all_pools("two pools", |pool| {
        let other = ThreadPool::new(1);
        let sum = pool.install(|| {
            let inner = other.install(|| pool.install(|| 20));
            inner + pool.join(|| 1, || other.join(|| 10, || 11)).1.0
        });
        assert_eq!(sum, 30);
    });
}

/// The wait on a thread that is no worker sleeps, and is woken by the last member.
#[test]
fn who_waits_outside_is_woken() {
    in_all_pools("outside", |pool| {
        for _ in 0..500 {
            let group = WaitGroup::new();
            for _ in 0..4 {
                let member = group.add();
                drop(pool.spawn(|| member.done()));
            }
            let second = group.add();
            std::thread::scope(|scope| {
                scope.spawn(|| group.wait());
                second.done();
                group.wait();
            });
        }
    });
}

/// A job that drops another pool waits for that one's threads, and they for a job here.
#[test]
fn a_job_that_drops_another_pool_helps() {
    in_all_pools("dropping another", |pool| {
        let ran = Arc::new(AtomicUsize::new(0));
        let (here, theirs) = (Arc::clone(pool), Arc::clone(&ran));
        let job = pool.spawn(move || {
            let other = ThreadPool::new(2);
            for _ in 0..4 {
                let (here, ran) = (Arc::clone(&here), Arc::clone(&theirs));
                let job = other.spawn(move || {
                    // ORDERING: Relaxed. Only the count matters; the drop orders it.
                    here.install(|| ran.fetch_add(1, Relaxed));
                });
                drop(job.unwrap());
            }
            drop(other);
            // ORDERING: Relaxed, as above.
            theirs.load(Relaxed)
        });
        assert_eq!(job.unwrap().wait().unwrap(), 4, "all that was accepted");
    });
}
