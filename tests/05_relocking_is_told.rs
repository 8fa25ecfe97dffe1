//! Property: in debug builds who waits for a lock that the same thread holds is told both
//! places, instead of waiting for ever; and nobody else is told anything.
#![cfg(debug_assertions)]

use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::thread;
use std::time::Duration;
use threadbare::sync::{Condvar, Mutex, MutexGuard, RwLock};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);

/// What `work` says when it panics.
fn told(work: impl FnOnce()) -> String {
    let thrown = catch_unwind(AssertUnwindSafe(work)).expect_err("no panic");
    *thrown.downcast::<String>().expect("a formatted message")
}

/// This file, so many lines away from the caller.
#[track_caller]
fn here(lines: i32) -> String {
    let here = Location::caller();
    let line = here.line().checked_add_signed(lines).unwrap();
    format!("{}:{line}:", here.file())
}

/// In this order.
#[track_caller]
fn says(said: &str, parts: &[&str]) {
    let mut rest = said;
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            panic!("no {part:?} in {said:?}, or too early");
        };
        rest = after;
    }
}

#[test]
fn a_mutex() {
    within(LIMIT, || {
        let lock = Mutex::new(0);
        let first = lock.lock().unwrap();
        let taken = here(-1);
        let said = told(|| drop(lock.lock()));
        let wanted = here(-1);
        says(
            &said,
            &[
                "deadlock: ",
                " wanted at ",
                &wanted,
                " taken at ",
                &taken,
                "this same thread",
            ],
        );
        // The first guard is as it was; the panic was outside of it.
        drop(first);
        assert!(!lock.is_poisoned() && lock.try_lock().is_ok());
    });
}

#[test]
fn a_mutex_that_was_tried_or_is_held_by_a_part() {
    within(LIMIT, || {
        let lock = Mutex::new((0, 0));
        let first = lock.try_lock().unwrap();
        let taken = here(-1);
        let first = MutexGuard::map(first, |pair| &mut pair.1);
        says(&told(|| drop(lock.lock())), &["deadlock: ", &taken]);
        assert!(lock.try_lock().is_err(), "to try is no reason to panic");
        drop(first);
        drop(lock.lock().unwrap());
    });
}

/// During a wait the lock is not held, and afterwards it is.
#[test]
fn a_mutex_that_was_waited_with() {
    within(LIMIT, || {
        let (lock, changed) = (Mutex::new(0), Condvar::new());
        let first = lock.lock().unwrap();
        let taken = here(-1);
        let (first, _) = changed.wait_timeout(first, Duration::ZERO).unwrap();
        says(&told(|| drop(lock.lock())), &["deadlock: ", &taken]);
        drop(first);
        drop(lock.lock().unwrap());
    });
}

#[test]
fn a_read_write_lock() {
    within(LIMIT, || {
        let lock = RwLock::new(0);
        let reads = lock.read().unwrap();
        let taken = here(-1);
        let again = lock.read().unwrap();
        drop(again);
        says(
            &told(|| drop(lock.write())),
            &["wanted for writing", "taken for reading", &taken],
        );
        drop(reads);
        let writes = lock.write().unwrap();
        let taken = here(-1);
        says(
            &told(|| drop(lock.read())),
            &["wanted for reading", "taken for writing", &taken],
        );
        says(
            &told(|| drop(lock.write())),
            &["wanted for writing", "taken for writing", &taken],
        );
        drop(writes);
        drop(lock.write().unwrap());
    });
}

/// Guards may be dropped in any order, and in great numbers.
#[test]
fn only_what_is_held() {
    within(LIMIT, || {
        let locks: Vec<_> = (0..100).map(Mutex::new).collect();
        let mut guards: Vec<_> = locks.iter().map(|it| it.lock().unwrap()).collect();
        says(&told(|| drop(locks[7].lock())), &["deadlock: "]);
        guards.rotate_left(50);
        drop(guards);
        for lock in &locks {
            drop(lock.lock().unwrap());
        }
        // A lock at the same place in memory is not the same lock.
        for _ in 0..3 {
            let lock = Mutex::new(0);
            drop(lock.lock().unwrap());
        }
    });
}

/// Another thread that holds the lock is waited for.
#[test]
fn only_the_same_thread() {
    within(LIMIT, || {
        let lock = Mutex::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let mut value = lock.lock().unwrap();
                        thread::yield_now();
                        *value += 1;
                    }
                });
            }
        });
        assert_eq!(lock.into_inner().unwrap(), 400);
    });
}

/// Also while a thread ends: its list needs no destructor.
#[test]
fn in_a_destructor_of_a_thread_local() {
    static LOCK: Mutex<u32> = Mutex::new(0);
    struct Locks;
    impl Drop for Locks {
        fn drop(&mut self) {
            *LOCK.lock().unwrap() += 1;
        }
    }
    thread_local! {
        static LAST: Locks = const { Locks };
    }
    within(LIMIT, || {
        thread::spawn(|| {
            LAST.with(|_| ());
            drop(LOCK.lock().unwrap());
        })
        .join()
        .unwrap();
        assert_eq!(*LOCK.lock().unwrap(), 1);
    });
}
