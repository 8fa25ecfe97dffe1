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

/// Panics when it is dropped, with one that does so too, and so on, `depth` times.
struct Mine {
    depth: u32,
}

impl Drop for Mine {
    fn drop(&mut self) {
        if self.depth > 0 {
            let depth = self.depth - 1;
            resume_unwind(Box::new(Mine { depth }));
        }
    }
}

fn throw_mine() -> ! {
    resume_unwind(Box::new(Mine { depth: 3 }))
}

/// Runs what panics with a mine, which is not to go off here.
fn catch_mine<R>(run: impl FnOnce() -> R) {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(_) => panic!("the panic was lost"),
        Err(payload) => {
            let mut mine = payload.downcast::<Mine>().expect("the first one");
            assert_eq!(mine.depth, 3, "not what dropping another has thrown");
            mine.depth = 0;
        }
    }
}

#[test]
fn a_scope_ends_whatever_its_jobs_throw() {
    in_all_pools(|pool| {
        let many = || {
            pool.scope(|scope| {
                for _ in 0..10 {
                    scope.spawn(|| throw_mine());
                }
            });
        };
        catch_mine(many);
        let body_too = || {
            pool.scope(|scope| {
                scope.spawn(|| throw_mine());
                throw(1)
            })
        };
        assert_eq!(caught(body_too), 1, "the body's");
        let result_too = || {
            pool.scope(|scope| {
                scope.spawn(|| throw(2));
                Mine { depth: 3 }
            })
        };
        assert_eq!(caught(result_too), 2, "not what dropping the result throws");
    });
}

#[test]
fn the_payload_of_b_is_dropped_quietly() {
    in_all_pools(|pool| {
        // Mostly nobody has stolen it.
        assert_eq!(caught(|| pool.join(|| throw(1), || throw_mine())), 1);
        let mine = || Mine { depth: 3 };
        assert_eq!(caught(|| pool.join(mine, || throw(2))), 2);
        assert_eq!(caught(|| pool.join(|| throw(3), mine)), 3);
        let over = ThreadPool::new(1);
        over.shutdown();
        assert_eq!(caught(|| over.join(|| throw(4), || throw_mine())), 4);
        assert_eq!(caught(|| over.join(mine, || throw(5))), 5);
    });
}

/// `a` does not end before `b` has been stolen.
#[test]
fn the_payload_of_a_stolen_b_is_dropped_quietly() {
    within(LIMIT, || {
        let pool = ThreadPool::new(2);
        for round in 0..50 {
            let met = std::sync::Barrier::new(2);
            let (met, even) = (&met, round % 2 == 0);
            let join = || {
                let a = || {
                    met.wait();
                    if even { throw(1) } else { Mine { depth: 3 } }
                };
                let b = || {
                    met.wait();
                    if even { throw_mine() } else { throw(2) }
                };
                pool.join(a, b)
            };
            assert_eq!(caught(join), if even { 1 } else { 2 });
        }
    });
}

#[test]
fn each_and_map_throw_one_and_drop_the_others_quietly() {
    in_all_pools(|pool| {
        let items: Vec<u32> = (0..200).collect();
        catch_mine(|| {
            pool.each(&items, |n| {
                if n % 20 == 0 {
                    throw_mine();
                }
            });
        });
        let mines = |n: &u32| {
            if *n == 99 {
                throw(99)
            } else {
                Mine { depth: 3 }
            }
        };
        assert_eq!(caught(|| pool.map(&items, mines)), 99);
    });
}
