//! Property: what is written for std's condition variable works with this one: one program
//! for both.

use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(5);

fn goes<T: Send + Sync + UnwindSafe + RefUnwindSafe>() {}

macro_rules! as_std {
    ($name:ident, $($sync:tt)*) => {
        mod $name {
            use super::*;
            use std::panic::{catch_unwind, resume_unwind};
            use std::thread;
            use $($sync)*::{
                Condvar, LockResult, Mutex, MutexGuard, PoisonError, WaitTimeoutResult,
            };

            type Waited<'a> = LockResult<(MutexGuard<'a, u32>, WaitTimeoutResult)>;

            #[test]
            fn it_goes_where_it_should() {
                static ONE: Condvar = Condvar::new();
                goes::<Condvar>();
                ONE.notify_all();
                assert_eq!(format!("{:?}", Condvar::default()), "Condvar { .. }");
            }

            /// Two threads take turns: one notification lost, and they wait for ever.
            #[test]
            fn each_notification_arrives() {
                const TURNS: u32 = 2_000;
                within(LIMIT, || {
                    let (turn, next) = (Mutex::new(0), Condvar::new());
                    let play = |mine: u32| {
                        for now in (mine..TURNS).step_by(2) {
                            step(format!("waiting for turn {now}"));
                            let guard: MutexGuard<'_, u32> = turn.lock().unwrap();
                            let mut guard =
                                next.wait_while(guard, |turn| *turn != now).unwrap();
                            *guard += 1;
                            next.notify_one();
                        }
                    };
                    thread::scope(|scope| {
                        scope.spawn(|| play(0));
                        scope.spawn(|| play(1));
                    });
                    assert_eq!(*turn.lock().unwrap(), TURNS);
                });
            }

            /// All wait for the same, which is told once.
            #[test]
            fn one_for_all() {
                const WAITERS: u32 = 8;
                within(LIMIT, || {
                    let (state, changed) = (Mutex::new(0), Condvar::new());
                    thread::scope(|scope| {
                        for _ in 0..WAITERS {
                            scope.spawn(|| {
                                let mut state = state.lock().unwrap();
                                *state += 1;
                                changed.notify_all();
                                step("waiting for the others");
                                while *state < WAITERS {
                                    state = changed.wait(state).unwrap();
                                }
                            });
                        }
                    });
                });
            }

            #[test]
            fn time_is_up_at_the_limit_and_not_before() {
                within(LIMIT, || {
                    let (lock, never) = (Mutex::new(0), Condvar::new());
                    let start = Instant::now();
                    let waited: Waited<'_> = never.wait_timeout_while(
                        lock.lock().unwrap(),
                        SHORT,
                        |_| true,
                    );
                    let (mut guard, result) = waited.unwrap();
                    assert!(result.timed_out() && start.elapsed() >= SHORT);
                    assert_eq!(result, result.clone());
                    assert!(lock.try_lock().is_err(), "it has the lock again");
                    loop {
                        let start = Instant::now();
                        let (again, result) = never.wait_timeout(guard, SHORT).unwrap();
                        guard = again;
                        if result.timed_out() {
                            assert!(start.elapsed() >= SHORT);
                            break;
                        }
                    }
                    let (guard, result) =
                        never.wait_timeout(guard, Duration::ZERO).unwrap();
                    assert!(result.timed_out());
                    // What holds already is not waited for, however long one would.
                    let (_guard, result) =
                        never.wait_timeout_while(guard, LONG, |_| false).unwrap();
                    assert!(!result.timed_out());
                });
            }

            /// A limit is no reason to miss a notification, not even the longest one.
            #[test]
            fn a_notification_ends_a_wait_with_a_limit() {
                within(LIMIT, || {
                    for limit in [LONG, Duration::MAX] {
                        let (ready, changed) = (Mutex::new(0), Condvar::new());
                        thread::scope(|scope| {
                            let guard = ready.lock().unwrap();
                            scope.spawn(|| {
                                *ready.lock().unwrap() = 1;
                                changed.notify_one();
                            });
                            let (guard, result) = changed
                                .wait_timeout_while(guard, limit, |ready| *ready == 0)
                                .unwrap();
                            assert!(*guard == 1 && !result.timed_out());
                        });
                    }
                });
            }

            /// The condition sees the value, and may change it.
            #[test]
            fn a_condition_may_change_what_it_looks_at() {
                let (lock, changed) = (Mutex::new(3), Condvar::new());
                let counts_down = |left: &mut u32| {
                    *left -= 1;
                    changed.notify_all();
                    *left > 0
                };
                let limit = Duration::ZERO;
                let mut guard = lock.lock().unwrap();
                while *guard > 0 {
                    let it = changed.wait_timeout_while(guard, limit, counts_down);
                    guard = it.unwrap().0;
                }
            }

            fn poison(lock: &Mutex<u32>) {
                let result = catch_unwind(AssertUnwindSafe(|| {
                    *lock.lock().unwrap() = 1;
                    let _guard = lock.lock();
                    resume_unwind(Box::new("planned"));
                }));
                assert!(result.is_err());
            }

            /// Who waits is told of a panic that happened under the lock meanwhile.
            #[test]
            fn a_panic_meanwhile_is_told() {
                within(LIMIT, || {
                    let (lock, changed) = (Mutex::new(0), Condvar::new());
                    thread::scope(|scope| {
                        let guard = lock.lock().unwrap();
                        scope.spawn(|| {
                            poison(&lock);
                            changed.notify_all();
                        });
                        let error: PoisonError<MutexGuard<'_, u32>> = changed
                            .wait_while(guard, |value| *value == 0)
                            .unwrap_err();
                        assert_eq!(**error.get_ref(), 1);
                    });
                    let guard = lock.lock().unwrap_err().into_inner();
                    let error = changed.wait_timeout(guard, SHORT).unwrap_err();
                    let (guard, _result) = error.into_inner();
                    assert_eq!(*guard, 1);
                });
            }

            /// It may move between two waits, and so may the lock.
            #[test]
            fn it_can_move() {
                let waits = |pair: &(Mutex<u32>, Condvar)| {
                    let guard = pair.0.lock().unwrap();
                    drop(pair.1.wait_timeout(guard, Duration::ZERO).unwrap());
                };
                let pair = (Mutex::new(0), Condvar::new());
                waits(&pair);
                let pair = Box::new(pair);
                waits(&pair);
            }
        }
    };
}

as_std!(stds, std::sync);
as_std!(ours, threadbare::sync);
