//! Property: while nobody has to wait, version 2 of the read-write lock makes no system
//! call; version 1 makes one whenever the lock comes free.

use std::thread;
use std::time::Duration;
use threadbare::futex::{self, Calls};
use threadbare::sync::rwlock::v1_readers_first;
use threadbare::sync::{RwLock, RwLockWriteGuard};
use threadbare::testkit::{step, within};

/// What this thread has asked of the kernel meanwhile.
fn calls_of(run: impl FnOnce()) -> Calls {
    let before = futex::calls();
    run();
    let after = futex::calls();
    Calls {
        waits: after.waits - before.waits,
        wakes: after.wakes - before.wakes,
    }
}

#[test]
fn nobody_waits() {
    let lock = RwLock::new(1);
    let calls = calls_of(|| {
        for _ in 0..100 {
            *lock.write().unwrap() += 1;
            let (one, other) = (lock.read().unwrap(), lock.try_read().unwrap());
            assert!(lock.try_write().is_err());
            drop((one, other));
            let writer = lock.try_write().unwrap();
            assert!(lock.try_read().is_err());
            drop(RwLockWriteGuard::downgrade(writer));
        }
    });
    assert_eq!((calls.waits, calls.wakes), (0, 0));
}

#[test]
fn version_1_asks_each_time() {
    let lock = v1_readers_first::RwLock::new(1);
    let calls = calls_of(|| {
        for _ in 0..100 {
            *lock.write() += 1;
            drop((lock.read(), lock.read()));
        }
    });
    assert_eq!((calls.waits, calls.wakes), (0, 200));
}

/// A writer waits, and is woken by one call of the last reader; the first one makes none.
#[test]
fn the_last_reader_wakes_the_writer() {
    within(Duration::from_secs(60), || {
        let lock = RwLock::new(1);
        let (first, last) = (lock.read().unwrap(), lock.read().unwrap());
        thread::scope(|scope| {
            scope.spawn(|| {
                step("waiting to write");
                *lock.write().unwrap() += 1;
            });
            while lock.try_read().is_ok() {
                thread::yield_now();
            }
            assert_eq!(calls_of(|| drop(first)).wakes, 0);
            assert_eq!(calls_of(|| drop(last)).wakes, 1);
        });
    });
}
