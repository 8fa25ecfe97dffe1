//! Property: each job that a pool has accepted runs once, and what it returns comes back to
//! whoever has its handle; in the first two pools, what it does is done when `wait` returns.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use threadbare::pool::{Batch, ThreadPool, v1_one_queue, v2_queue_per_worker};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const POOLS: [usize; 5] = [1, 2, 3, 8, 64];
/// More than a worker's ring holds.
const JOBS: usize = 1_000;

#[test]
fn results_come_back_to_their_handles() {
    within(LIMIT, || {
        for threads in POOLS {
            let pool = ThreadPool::new(threads);
            step(format!("{threads} threads, from outside"));
            let handles: Vec<_> = (0..JOBS)
                .map(|n| pool.spawn(move || n * 2).unwrap())
                .collect();
            for (n, handle) in handles.into_iter().enumerate() {
                assert_eq!(handle.wait().unwrap(), n * 2);
            }
            step(format!("{threads} threads, in one batch"));
            let mut batch = Batch::new();
            let handles: Vec<_> =
                (0..JOBS).map(|n| batch.push(move || n + 1)).collect();
            assert_eq!(batch.len(), JOBS);
            pool.spawn_batch(batch).unwrap();
            for (n, handle) in handles.into_iter().enumerate() {
                assert_eq!(handle.wait().unwrap(), n + 1);
            }
        }
    });
}

/// A job spawns more than its worker's ring holds, so that it overflows, and waits for them.
#[test]
fn what_flows_over_is_run() {
    within(LIMIT, || {
        for threads in POOLS {
            step(format!("{threads} threads"));
            let pool = Arc::new(ThreadPool::new(threads));
            let theirs = Arc::clone(&pool);
            let sum = pool.install(move || {
                let handles: Vec<_> = (0..JOBS)
                    .map(|n| theirs.spawn(move || n).unwrap())
                    .collect();
                handles
                    .into_iter()
                    .map(|it| it.wait().unwrap())
                    .sum::<usize>()
            });
            assert_eq!(sum, JOBS * (JOBS - 1) / 2);
        }
    });
}

/// A handle that is dropped lets its job go on. A handle says when the job is done.
#[test]
fn a_job_without_a_handle_runs_too() {
    within(LIMIT, || {
        let ran = Arc::new(AtomicUsize::new(0));
        let pool = ThreadPool::new(2);
        for _ in 0..JOBS {
            let ran = Arc::clone(&ran);
            drop(pool.spawn(move || {
                // ORDERING: Relaxed. Only the count matters.
                ran.fetch_add(1, Relaxed);
            }));
        }
        let last = pool.spawn(|| ()).unwrap();
        step("polling the last one");
        while !last.is_done() {
            std::thread::yield_now();
        }
        drop(last);
        drop(pool);
        // ORDERING: Relaxed. The threads have been joined.
        assert_eq!(ran.load(Relaxed), JOBS);
        assert_eq!(Arc::strong_count(&ran), 1, "a closure was not dropped");
    });
}

/// A result that nobody wants is dropped, once.
#[test]
fn what_nobody_takes_is_dropped() {
    within(LIMIT, || {
        let value = Arc::new(());
        let pool = ThreadPool::new(2);
        for round in 0..JOBS {
            let theirs = Arc::clone(&value);
            let handle = pool.spawn(move || theirs).unwrap();
            if round % 2 == 0 {
                drop(handle);
            } else {
                drop(handle.wait().unwrap());
            }
        }
        drop(pool);
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

/// A handle can wait on another thread than the one that spawned, and in a job of another
/// pool.
#[test]
fn a_handle_waits_where_it_is() {
    within(LIMIT, || {
        let (one, other) = (ThreadPool::new(1), ThreadPool::new(1));
        for n in 0..JOBS {
            let handle = one.spawn(move || n).unwrap();
            let waits = other.spawn(move || handle.wait().unwrap()).unwrap();
            let waits = std::thread::spawn(move || waits.wait().unwrap());
            assert_eq!(waits.join().unwrap(), n);
            if n == 100 {
                break;
            }
        }
    });
}

macro_rules! first_pools {
    ($($version:ident)*) => { $(
        #[test]
        fn $version() {
            within(LIMIT, || {
                for threads in POOLS {
                    let ran = Arc::new(AtomicUsize::new(0));
                    let pool = Arc::new($version::ThreadPool::new(threads));
                    let job = |pool: &Arc<$version::ThreadPool>| {
                        let (pool, ran) = (Arc::clone(pool), Arc::clone(&ran));
                        move || {
                            let inner = Arc::clone(&ran);
                            pool.spawn(move || {
                                // ORDERING: Relaxed. `wait` orders it before the look.
                                inner.fetch_add(1, Relaxed);
                            });
                            drop(pool);
                            panic_quietly();
                        }
                    };
                    for round in 1..=3 {
                        step(format!("{threads} threads, round {round}"));
                        for _ in 0..JOBS {
                            pool.spawn(job(&pool));
                        }
                        pool.wait();
                        // ORDERING: Relaxed, as above.
                        assert_eq!(ran.load(Relaxed), round * JOBS);
                    }
                    let executed = pool.counters().iter().map(|it| it.executed).sum();
                    assert_eq!(6 * JOBS as u64, executed);
                    // What is there when it is dropped is run.
                    let pool = Arc::into_inner(pool).expect("all jobs are done");
                    for _ in 0..JOBS {
                        let ran = Arc::clone(&ran);
                        pool.spawn(move || {
                            // ORDERING: Relaxed, as above.
                            ran.fetch_add(1, Relaxed);
                        });
                    }
                    drop(pool);
                    // ORDERING: Relaxed, as above.
                    assert_eq!(ran.load(Relaxed), 4 * JOBS);
                }
            });
        }
    )* };
}
first_pools!(v1_one_queue v2_queue_per_worker);

/// A panic without a message on the terminal.
fn panic_quietly() {
    std::panic::resume_unwind(Box::new("planned"));
}
