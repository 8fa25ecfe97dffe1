//! Property: no more threads hold permits of a `sync::Semaphore` than there are, as many as
//! there are do hold them at the same time, and all come back.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Duration;
use std::{iter, panic};
use threadbare::futex;
use threadbare::sync::{self, TimedOut};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(1);

macro_rules! of_each {
    ($($version:ident)*) => { $(
        mod $version {
            use super::*;
            use threadbare::sync::semaphore::$version::Semaphore;

            #[test]
            fn never_more_than_there_are() {
                const PERMITS: usize = 3;
                static DESKS: Semaphore = Semaphore::new(PERMITS);
                within(LIMIT, || {
                    let held = AtomicUsize::new(0);
                    thread::scope(|scope| {
                        for thread in 0..6 {
                            let held = &held;
                            scope.spawn(move || {
                                for round in 0..500 {
                                    let wanted = 1 + (thread + round) % PERMITS;
                                    step(format!("thread {thread} wants {wanted}"));
                                    let permit = DESKS.acquire_many(wanted);
                                    assert_eq!(permit.count(), wanted);
                                    // ORDERING: Relaxed. Only the count matters.
                                    let now = held.fetch_add(wanted, Relaxed) + wanted;
                                    assert!(now <= PERMITS, "{now} of {PERMITS} are held");
                                    // ORDERING: Relaxed, as above.
                                    held.fetch_sub(wanted, Relaxed);
                                }
                            });
                        }
                    });
                    assert_eq!(DESKS.available(), PERMITS);
                });
            }

            /// They meet while each holds a permit, which fewer permits would not allow.
            #[test]
            fn all_permits_are_out_at_the_same_time() {
                const PERMITS: usize = 4;
                within(LIMIT, || {
                    let semaphore = Semaphore::new(PERMITS);
                    let all_hold_one = Barrier::new(PERMITS);
                    thread::scope(|scope| {
                        for _ in 0..PERMITS {
                            scope.spawn(|| {
                                let _permit = semaphore.acquire();
                                step("waiting for the others to have one");
                                all_hold_one.wait();
                            });
                        }
                    });
                    assert_eq!(semaphore.available(), PERMITS);
                });
            }

            #[test]
            fn a_try_and_a_limit_give_up() {
                let semaphore = Semaphore::new(2);
                assert!(semaphore.try_acquire_many(3).is_none());
                let both = semaphore.try_acquire_many(2).unwrap();
                assert!(semaphore.try_acquire().is_none());
                assert_eq!(semaphore.acquire_timeout(SHORT).map(drop), Err(TimedOut));
                drop(both);
                assert!(semaphore.acquire_timeout(Duration::ZERO).is_ok());
                assert_eq!(semaphore.available(), 2);
            }

            #[test]
            fn a_limit_too_far_away_waits_without_one() {
                within(LIMIT, || {
                    let semaphore = Semaphore::new(0);
                    thread::scope(|scope| {
                        let waiter = scope.spawn(|| {
                            semaphore.acquire_timeout(Duration::MAX).map(drop)
                        });
                        semaphore.release(1);
                        assert_eq!(waiter.join().unwrap(), Ok(()));
                    });
                });
            }

            #[test]
            fn permits_are_kept_and_brought() {
                let semaphore = Semaphore::new(1);
                semaphore.acquire().forget();
                assert_eq!(semaphore.available(), 0);
                semaphore.release(2);
                let permit = semaphore.acquire_many(2);
                assert_eq!(
                    format!("{semaphore:?} {permit:?}"),
                    "Semaphore { available: 0 } Permit { permits: 2, .. }"
                );
                drop(permit);
                drop(semaphore.acquire_many(0));
                semaphore.release(0);
                assert_eq!(semaphore.available(), 2);
            }

            #[test]
            fn one_too_many_is_refused_and_changes_nothing() {
                let semaphore = Semaphore::new(Semaphore::MAX);
                let too_many = || semaphore.release(1);
                assert!(panic::catch_unwind(too_many).is_err());
                assert_eq!(semaphore.available(), Semaphore::MAX);
                let half = semaphore.acquire_many(Semaphore::MAX / 2);
                let too_many = || semaphore.release(Semaphore::MAX);
                assert!(panic::catch_unwind(too_many).is_err());
                drop(half);
                assert_eq!(semaphore.available(), Semaphore::MAX);
                assert!(panic::catch_unwind(|| Semaphore::new(usize::MAX)).is_err());
            }

            /// Also while a panic unwinds, and on another thread than it was taken on.
            #[test]
            fn every_permit_comes_back() {
                within(LIMIT, || {
                    let semaphore = Semaphore::new(1);
                    let holder = thread::scope(|scope| {
                        let permit = semaphore.acquire();
                        let holder = scope.spawn(move || {
                            let _permit = permit;
                            panic::resume_unwind(Box::new("planned"));
                        });
                        holder.join()
                    });
                    let holder: thread::Result<()> = holder;
                    assert!(holder.is_err());
                    assert_eq!(semaphore.available(), 1);
                });
            }
        }
    )* };
}
of_each!(v1_one_word v2_counted);

/// The first version asks the kernel each time a permit comes back; the second does not ask
/// at all while nobody sleeps.
#[test]
fn no_system_call_while_nobody_sleeps() {
    let calls = |pass: fn()| {
        let before = futex::calls();
        iter::repeat_n(pass, 100).for_each(|pass| pass());
        let after = futex::calls();
        (after.waits - before.waits, after.wakes - before.wakes)
    };
    assert_eq!(calls(|| drop(sync::Semaphore::new(1).acquire())), (0, 0));
    assert_eq!(calls(|| sync::Semaphore::new(1).release(7)), (0, 0));
    let v1 = || drop(sync::semaphore::v1_one_word::Semaphore::new(1).acquire());
    assert_eq!(calls(v1), (0, 100));
}

/// Not fair, but nobody sleeps beside a permit: each of those who wait gets one in the end.
#[test]
fn everybody_gets_through() {
    const THREADS: usize = 16;
    within(LIMIT, || {
        let semaphore = sync::Semaphore::new(0);
        let (done, all) = mpsc::channel();
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (semaphore, done) = (&semaphore, done.clone());
                scope.spawn(move || {
                    step(format!("{number} waits"));
                    let wanted = 1 + number % 2;
                    drop(semaphore.acquire_many(wanted));
                    done.send(number).unwrap();
                });
            }
            semaphore.release(1);
            semaphore.release(1);
            let mut seen: Vec<_> = all.iter().take(THREADS).collect();
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..THREADS));
        });
    });
}
