//! Property: what a pool has accepted is run, also when the pool is shut down or dropped
//! meanwhile; what it refuses comes back as it was; and what `shutdown_now` hands out has
//! not run, and runs nowhere else.

use std::cell::RefCell;
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;
use threadbare::pool::{
    Batch, Handle, JobError, Reason, Refused, ThreadPool, Unstarted,
};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const POOLS: [usize; 4] = [1, 2, 4, 64];

/// Adds one to a counter.
fn count(counter: &Arc<AtomicUsize>) -> impl FnOnce() + Send + 'static {
    let counter = Arc::clone(counter);
    move || {
        // ORDERING: Relaxed. The threads are joined before it is read.
        counter.fetch_add(1, Relaxed);
    }
}

fn read(counter: &AtomicUsize) -> usize {
    // ORDERING: Relaxed, as in `count`.
    counter.load(Relaxed)
}

/// A pool of one thread that is busy until the barrier is met.
fn busy(pool: &ThreadPool) -> Arc<Barrier> {
    let barrier = Arc::new(Barrier::new(2));
    let theirs = Arc::clone(&barrier);
    let (started, has_started) = mpsc::channel();
    drop(pool.spawn(move || {
        started.send(()).unwrap();
        theirs.wait();
    }));
    has_started.recv().unwrap();
    barrier
}

#[test]
fn a_drop_runs_what_is_there() {
    within(LIMIT, || {
        for threads in POOLS {
            for jobs in [0, 1, 2, 10, 1_000] {
                step(format!("{threads} threads, {jobs} jobs"));
                let ran = Arc::default();
                let pool = ThreadPool::new(threads);
                for _ in 0..jobs / 2 {
                    drop(pool.spawn(count(&ran)));
                }
                let mut batch = Batch::new();
                for _ in jobs / 2..jobs {
                    drop(batch.push(count(&ran)));
                }
                pool.spawn_batch(batch).unwrap();
                drop(pool);
                assert_eq!(read(&ran), jobs);
            }
        }
    });
}

/// Jobs that are running when the pool is dropped may still use what they were given, and
/// spawn in scopes.
#[test]
fn a_job_that_runs_may_go_on() {
    within(LIMIT, || {
        for threads in POOLS {
            let ran = Arc::default();
            let pool = ThreadPool::new(threads);
            for _ in 0..100 {
                let (one, other) = (count(&ran), count(&ran));
                drop(pool.spawn(move || {
                    threadbare::pool::join(one, || ());
                    threadbare::pool::scope(|scope| scope.spawn(other));
                }));
            }
            drop(pool);
            assert_eq!(read(&ran), 200);
        }
    });
}

/// The last handle to a pool may be a job's: its thread can't join itself.
#[test]
fn a_pool_may_be_dropped_by_its_own_job() {
    within(LIMIT, || {
        for threads in POOLS {
            for _ in 0..50 {
                let pool = Arc::new(ThreadPool::new(threads));
                let theirs = Arc::clone(&pool);
                let (done, is_done) = mpsc::channel();
                drop(pool.spawn(move || {
                    // Wait until it is the last.
                    let mut theirs = theirs;
                    let own = loop {
                        match Arc::try_unwrap(theirs) {
                            Ok(own) => break own,
                            Err(shared) => theirs = shared,
                        }
                        thread::yield_now();
                    };
                    for _ in 0..10 {
                        let done = done.clone();
                        drop(own.spawn(move || done.send(()).unwrap()));
                    }
                    drop(own);
                }));
                drop(pool);
                assert_eq!(is_done.iter().count(), 10);
            }
        }
    });
}

#[test]
fn after_a_shutdown_jobs_come_back() {
    within(LIMIT, || {
        for threads in POOLS {
            let pool = ThreadPool::new(threads);
            let before = pool.spawn(|| 1).unwrap();
            pool.shutdown();
            let text = String::from("mine");
            let refused = pool.spawn(move || text).unwrap_err();
            assert_eq!(refused.reason(), Reason::ShutDown);
            assert!(refused.to_string().contains("shut down"), "{refused}");
            assert_eq!(refused.into_job()(), "mine", "the job as it was");
            let refused = pool.try_spawn(|| 2).unwrap_err();
            assert_eq!(
                (refused.reason(), refused.into_job()()),
                (Reason::ShutDown, 2)
            );
            let mut batch = Batch::new();
            let handles = [batch.push(|| 3), batch.push(|| 4)];
            let refused = pool.spawn_batch(batch).unwrap_err();
            let batch = refused.into_job();
            assert_eq!(batch.len(), 2);
            ThreadPool::new(1).spawn_batch(batch).unwrap();
            let sum: i32 = handles.into_iter().map(|it| it.wait().unwrap()).sum();
            assert_eq!((sum, before.wait().unwrap()), (7, 1));
            // What borrows from the caller is run all the same, here if need be.
            assert_eq!(pool.join(|| 5, || 6), (5, 6));
            assert_eq!(pool.install(|| 7), 7);
            assert_eq!(pool.map(&[1, 2, 3], |n| n * 2), [2, 4, 6]);
            let mut ran = false;
            pool.scope(|scope| scope.spawn(|| ran = true));
            assert!(ran);
        }
    });
}

/// A pool that has never had a job.
#[test]
fn a_pool_without_threads_ends_too() {
    within(LIMIT, || {
        drop(ThreadPool::new(4));
        let pool = ThreadPool::new(4);
        pool.shutdown();
        assert!(pool.shutdown_now().is_empty());
        assert_eq!(pool.spawn(|| ()).unwrap_err().reason(), Reason::ShutDown);
        assert_eq!(pool.started(), 0);
    });
}

/// Of what `shutdown_now` hands out, some is run here and some is dropped, whose handles
/// then say so.
#[test]
fn what_had_not_started_is_handed_out() {
    within(LIMIT, || {
        let pool = ThreadPool::new(1);
        let barrier = busy(&pool);
        let handles: Vec<_> =
            (0..600).map(|n| pool.spawn(move || n).unwrap()).collect();
        let mut unstarted = pool.shutdown_now();
        assert_eq!(unstarted.len(), 600);
        assert_eq!(pool.waiting(), 0);
        barrier.wait();
        drop(unstarted.split_off(300));
        unstarted
            .into_iter()
            .for_each(threadbare::pool::Unstarted::run);
        let (mut ran, mut cancelled) = (0, 0);
        for (n, handle) in handles.into_iter().enumerate() {
            match handle.wait() {
                Ok(result) => {
                    assert_eq!(result, n);
                    ran += 1;
                }
                Err(JobError::Cancelled) => cancelled += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((ran, cancelled), (300, 300));
    });
}

/// A job in whose scope others wait: those are not handed out, for the scope waits for them.
#[test]
fn what_a_running_job_needs_is_not_handed_out() {
    within(LIMIT, || {
        for threads in POOLS {
            let pool = ThreadPool::new(threads);
            let (spawned, has_spawned) = mpsc::channel();
            let (go_on, may_go_on) = mpsc::channel::<()>();
            let handle = pool
                .spawn(move || {
                    let sum = AtomicUsize::new(0);
                    threadbare::pool::scope(|scope| {
                        for n in 0..100 {
                            let sum = &sum;
                            // ORDERING: Relaxed. Only the sum matters.
                            scope.spawn(move || _ = sum.fetch_add(n, Relaxed));
                        }
                        spawned.send(()).unwrap();
                        let _ = may_go_on.recv();
                    });
                    sum.into_inner()
                })
                .unwrap();
            has_spawned.recv().unwrap();
            let unstarted = pool.shutdown_now();
            assert!(unstarted.is_empty(), "they are the scope's");
            go_on.send(()).unwrap();
            assert_eq!(handle.wait().unwrap(), 4_950);
        }
    });
}

/// Some spawn while another shuts down: each job was refused, or ran, or was handed out.
#[test]
fn a_shutdown_meets_spawns() {
    within(LIMIT, || {
        for round in 0..300 {
            step(format!("round {round}"));
            let (ran, accepted) = (Arc::default(), AtomicUsize::new(0));
            let pool = ThreadPool::new(1 + round % 4);
            let barrier = Barrier::new(4);
            let unstarted = thread::scope(|scope| {
                for number in 0..3 {
                    let (pool, ran) = (&pool, &ran);
                    let (barrier, accepted) = (&barrier, &accepted);
                    scope.spawn(move || {
                        barrier.wait();
                        for n in 0..50 {
                            let taken = if n % 3 == number {
                                let mut batch = Batch::new();
                                drop(batch.push(count(ran)));
                                pool.spawn_batch(batch).is_ok()
                            } else {
                                pool.spawn(count(ran)).is_ok()
                            };
                            if !taken {
                                break;
                            }
                            // ORDERING: Relaxed. Only the count matters.
                            accepted.fetch_add(1, Relaxed);
                        }
                    });
                }
                barrier.wait();
                for _ in 0..round {
                    std::hint::spin_loop();
                }
                if round % 2 == 0 {
                    pool.shutdown();
                    return 0;
                }
                // Kept until the end: a job that is dropped is not run.
                pool.shutdown_now().len()
            });
            drop(pool);
            assert_eq!(read(&ran) + unstarted, accepted.into_inner());
        }
    });
}

/// Calls something when its thread ends.
struct AtEnd<F: FnMut()>(F);

impl<F: FnMut()> Drop for AtEnd<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

type Late = AtEnd<Box<dyn FnMut()>>;

thread_local! {
    static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
}

/// Calls `f` in a destructor of a thread-local.
fn at_end(f: impl FnMut() + 'static) {
    LATE.with(|late| *late.borrow_mut() = Some(AtEnd(Box::new(f))));
}

/// The thread that drops it is one of those that it waits for.
#[test]
fn a_pool_may_go_with_its_own_thread() {
    within(LIMIT, || {
        for round in 0..20 {
            let pool = Arc::new(ThreadPool::new(1 + round % 3));
            let gate = Arc::new(Barrier::new(2));
            let (tell, told) = mpsc::channel();
            let (last, behind) = (Arc::clone(&pool), Arc::clone(&gate));
            let job = pool.spawn(move || {
                behind.wait();
                let mut last = Some(last);
                at_end(move || {
                    let last = last.take().and_then(Arc::into_inner);
                    tell.send(last.is_some()).unwrap();
                    drop(last);
                    tell.send(true).unwrap();
                });
            });
            drop(job.unwrap());
            for _ in 0..round % 5 {
                drop(pool.spawn(|| ()).unwrap());
            }
            pool.shutdown();
            drop(pool);
            gate.wait();
            assert!(told.recv().unwrap(), "it was the last share");
            assert!(told.recv().unwrap());
        }
    });
}

/// By then the thread has lost whatever the pool keeps for it.
#[test]
fn a_pool_may_be_used_when_a_thread_ends() {
    within(LIMIT, || {
        let pool = Arc::new(ThreadPool::new(2));
        for before in [true, false] {
            let (theirs, (tell, told)) = (Arc::clone(&pool), mpsc::channel());
            let use_it = |pool: &ThreadPool| {
                let halves = pool.join(|| 1, || 2);
                let mut third = 0;
                pool.scope(|scope| scope.spawn(|| third = 3));
                let fourth = pool.spawn(|| 4).unwrap().wait().unwrap();
                halves.0 + halves.1 + third + fourth
            };
            let thread = thread::spawn(move || {
                if before {
                    use_it(&theirs);
                }
                let last = Arc::clone(&theirs);
                at_end(move || tell.send(use_it(&last)).unwrap());
                if !before {
                    use_it(&theirs);
                }
            });
            thread.join().unwrap();
            assert_eq!(told.recv().unwrap(), 10);
        }
    });
}

/// So that `?` makes of it what most programs make of errors.
#[test]
fn what_was_refused_may_be_told_anywhere() {
    fn send_and_sync<T: Send + Sync>() {}
    send_and_sync::<Batch>();
    send_and_sync::<Unstarted>();
    send_and_sync::<Refused<Batch>>();
    send_and_sync::<Handle<u32>>();
    send_and_sync::<ThreadPool>();
    let spawn = || -> Result<(), Box<dyn Error + Send + Sync>> {
        let pool = ThreadPool::new(1);
        pool.shutdown();
        let mut batch = Batch::new();
        drop(batch.push(|| 1));
        pool.spawn_batch(batch)?;
        Ok(())
    };
    let error = spawn().unwrap_err();
    assert!(error.to_string().contains("shut down"), "{error}");
}
