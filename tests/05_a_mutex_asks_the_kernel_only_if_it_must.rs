//! Property: while nobody else wants it, a lock makes no system call and allocates nothing;
//! and a notification that nobody waits for is none either. (Except for the versions whose
//! story is that they cannot know.)

#[path = "common/allocations.rs"]
mod allocations;

use std::thread;
use std::time::Duration;
use threadbare::futex::{self, Calls};
use threadbare::sync::condvar::{v1_sequence, v2_counted};
use threadbare::sync::mutex::{v1_spin, v2_two_state, v3_three_state};
use threadbare::sync::{Mutex, MutexGuard};
use threadbare::testkit::within;

const LIMIT: Duration = Duration::from_secs(60);
const TIMES: u64 = 100;

/// What `work`, done a hundred times, has asked for.
#[track_caller]
fn costs(waits: u64, wakes: u64, mut work: impl FnMut()) {
    let (calls, count) = (futex::calls(), allocations::count());
    for _ in 0..TIMES {
        work();
    }
    let now = futex::calls();
    let calls = Calls {
        waits: now.waits - calls.waits,
        wakes: now.wakes - calls.wakes,
    };
    assert_eq!(calls, Calls { waits, wakes });
    assert_eq!(allocations::count(), count);
}

#[test]
fn a_lock_that_nobody_else_wants() {
    let lock = v1_spin::Mutex::new(0_u64);
    costs(0, 0, || *lock.lock() += 1);
    // It cannot know that nobody sleeps.
    let lock = v2_two_state::Mutex::new(0_u64);
    costs(0, TIMES, || *lock.lock() += 1);
    let lock = v3_three_state::Mutex::new(0_u64);
    costs(0, 0, || *lock.lock() += 1);
    let lock = Mutex::new(0_u64);
    costs(0, 0, || *lock.lock().unwrap() += 1);
    costs(0, 0, || *lock.try_lock().unwrap() += 1);
    costs(0, 0, || {
        let guard = lock.lock().unwrap();
        assert!(
            lock.try_lock().is_err(),
            "who only tries does not ask either"
        );
        *MutexGuard::map(guard, |value| value) += 1;
    });
    assert_eq!(lock.into_inner().unwrap(), 3 * TIMES);
}

#[test]
fn a_notification_that_nobody_waits_for() {
    let condvar = v1_sequence::Condvar::new();
    costs(0, 2 * TIMES, || {
        condvar.notify_one();
        condvar.notify_all();
    });
    let condvar = v2_counted::Condvar::new();
    costs(0, 0, || {
        condvar.notify_one();
        condvar.notify_all();
    });
}

/// Nor when it was waited for once: the count is right after a wait, in time or not.
#[test]
fn a_notification_that_nobody_waits_for_any_more() {
    within(LIMIT, || {
        let (ready, changed) = (Mutex::new(false), v2_counted::Condvar::new());
        let guard = ready.lock().unwrap();
        let limit = Duration::from_micros(1);
        drop(changed.wait_timeout_while(guard, limit, |ready| !*ready));
        thread::scope(|scope| {
            scope.spawn(|| {
                *ready.lock().unwrap() = true;
                changed.notify_one();
            });
            let guard = ready.lock().unwrap();
            drop(changed.wait_while(guard, |ready| !*ready));
        });
        costs(0, 0, || changed.notify_all());
    });
}

/// Who waits for a lock allocates nothing, and neither does who wakes it.
#[test]
fn a_lock_that_others_want() {
    within(LIMIT, || {
        let lock = Mutex::new(0_u64);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let before = allocations::count();
                    for _ in 0..TIMES {
                        let mut value = lock.lock().unwrap();
                        thread::yield_now();
                        *value += 1;
                    }
                    assert_eq!(allocations::count(), before);
                });
            }
        });
        assert_eq!(lock.into_inner().unwrap(), 4 * TIMES);
    });
}
