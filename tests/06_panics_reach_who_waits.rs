//! Property: what a job panics with reaches whoever waits for it, with the payload as it
//! was, and the worker lives on: the same threads go on with the next job.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use threadbare::pool::{self, JobError, ThreadPool};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const POOLS: [usize; 4] = [1, 2, 4, 64];

/// Something that only the panicking job can have made.
#[derive(Debug, PartialEq)]
struct Thrown(u32);

/// Panics without a message on the terminal.
fn throw(number: u32) -> ! {
    resume_unwind(Box::new(Thrown(number)))
}

fn number(payload: Box<dyn Any + Send>) -> u32 {
    payload.downcast::<Thrown>().expect("what was thrown").0
}

/// What a call panics with.
fn caught<R>(run: impl FnOnce() -> R) -> u32 {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(_) => panic!("the panic was lost"),
        Err(payload) => number(payload),
    }
}

/// Runs it in pools of all sizes, whose threads must all live on.
fn in_all_pools(run: impl Fn(&ThreadPool)) {
    within(LIMIT, || {
        for threads in POOLS {
            step(format!("{threads} threads"));
            let pool = ThreadPool::new(threads);
            for _ in 0..20 {
                run(&pool);
            }
            let started = pool.started();
            assert_eq!(pool.install(|| 7), 7, "the pool goes on");
            assert!(pool.started() >= started, "no thread has died");
        }
    });
}

#[test]
fn a_handle_has_the_payload() {
    in_all_pools(|pool| {
        let handles: Vec<_> = (0..9)
            .map(|n| pool.spawn(move || n % 3 == 0 && throw(n)).unwrap())
            .collect();
        for (n, handle) in (0..9).zip(handles) {
            match handle.wait() {
                Ok(thrown) => assert!(!thrown && n % 3 != 0),
                Err(JobError::Panicked(payload)) => assert_eq!(number(payload), n),
                Err(other) => panic!("{other}"),
            }
        }
    });
}

#[test]
fn join_passes_on_a_panic_of_either() {
    in_all_pools(|pool| {
        let ran = AtomicUsize::new(0);
        let run = || {
            // ORDERING: Relaxed. Only the count matters.
            ran.fetch_add(1, Relaxed);
        };
        assert_eq!(caught(|| pool.join(|| throw(1), run)), 1);
        assert_eq!(caught(|| pool.join(run, || throw(2))), 2);
        assert_eq!(caught(|| pool.join(|| throw(3), || throw(4))), 3, "a's");
        assert_eq!(ran.into_inner(), 2, "the other half has run");
        let inner = || caught(|| pool::join(|| throw(5), || throw(6)));
        assert_eq!(pool.join(inner, || 7), (5, 7), "caught within a half");
    });
}

#[test]
fn a_scope_passes_it_on_when_all_have_ended() {
    in_all_pools(|pool| {
        let ran = AtomicUsize::new(0);
        let thrown = caught(|| {
            pool.scope(|scope| {
                for n in 0..20 {
                    let ran = &ran;
                    scope.spawn(move || {
                        // ORDERING: Relaxed. Only the count matters.
                        ran.fetch_add(1, Relaxed);
                        if n == 10 {
                            throw(10);
                        }
                    });
                }
            });
        });
        assert_eq!((thrown, ran.into_inner()), (10, 20));
        let ended = AtomicUsize::new(0);
        let of_the_body = caught(|| {
            pool.scope(|scope| {
                scope.spawn(|| {
                    // ORDERING: Relaxed. Only the count matters.
                    ended.fetch_add(1, Relaxed);
                });
                throw(11);
            });
        });
        assert_eq!((of_the_body, ended.into_inner()), (11, 1));
    });
}

#[test]
fn each_and_map_pass_it_on() {
    in_all_pools(|pool| {
        let items: Vec<u32> = (0..200).collect();
        let at_99 = |n: &u32| if *n == 99 { throw(*n) } else { *n };
        assert_eq!(
            caught(|| pool.each(&items, |n| assert!(at_99(n) < 200))),
            99
        );
        assert_eq!(caught(|| pool.map(&items, at_99)), 99);
        let mut own = items.clone();
        assert_eq!(caught(|| pool.each_mut(&mut own, |n| *n = at_99(n))), 99);
    });
}

/// What `map` had made so far is dropped, and dropped once.
#[test]
fn what_map_had_made_is_dropped() {
    within(LIMIT, || {
        let here = std::sync::Arc::new(());
        let pool = ThreadPool::new(4);
        let items: Vec<u32> = (0..500).collect();
        for wrong in [0, 1, 250, 499] {
            let make = |n: &u32| {
                if *n == wrong {
                    throw(*n);
                }
                std::sync::Arc::clone(&here)
            };
            assert_eq!(caught(|| pool.map(&items, make)), wrong);
            assert_eq!(std::sync::Arc::strong_count(&here), 1);
        }
    });
}

#[test]
fn install_passes_it_on() {
    in_all_pools(|pool| {
        assert_eq!(caught(|| pool.install(|| throw(1))), 1);
    });
}

/// Values that panic when they are dropped, where nobody waits for them.
#[test]
fn a_drop_that_panics_stops_nobody() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                throw(0);
            }
        }
    }
    in_all_pools(|pool| {
        drop(pool.spawn(|| Bomb));
        drop(pool.spawn(|| resume_unwind(Box::new(Bomb))));
        let bomb = Bomb;
        drop(pool.spawn(move || drop(bomb)));
        assert_eq!(pool.spawn(|| 1).unwrap().wait().unwrap(), 1);
    });
}
