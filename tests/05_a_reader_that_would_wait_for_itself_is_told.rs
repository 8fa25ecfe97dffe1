//! Property: in debug builds a thread that would wait for its own share of an `RwLock`
//! panics, and names both places. To read twice while no writer waits is allowed.

// Release builds have no detectors.
#![cfg(debug_assertions)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;
use threadbare::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use threadbare::testkit::{step, within};

fn message_of(run: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
    let message = payload.downcast::<String>().expect("a message");
    let places = message.matches("itself_is_told.rs:").count();
    assert_eq!(places, 2, "{message}");
    *message
}

#[test]
fn each_way_but_one_is_a_deadlock() {
    let lock = RwLock::new(1);
    let message = message_of(|| {
        let _reader = lock.read().unwrap();
        drop(lock.write());
    });
    assert!(message.contains("wanted for writing"), "{message}");
    assert!(message.contains("taken for reading"), "{message}");
    let message = message_of(|| {
        let _writer = lock.write().unwrap();
        drop(lock.read());
    });
    assert!(message.contains("wanted for reading"), "{message}");
    assert!(message.contains("taken for writing"), "{message}");
    lock.clear_poison();
    message_of(|| {
        let _writer = lock.write().unwrap();
        drop(lock.write());
    });
    lock.clear_poison();
    message_of(|| {
        let _reader = RwLockWriteGuard::downgrade(lock.write().unwrap());
        drop(lock.write());
    });
    message_of(|| {
        let _part = RwLockReadGuard::map(lock.read().unwrap(), |it| it);
        drop(lock.write());
    });
    // All of them have given back what they had.
    assert_eq!(*lock.write().unwrap(), 1);
    drop((lock.read(), lock.read()));
}

/// It holds a share, and a writer waits for that: a second share would come after the
/// writer.
#[test]
fn a_second_share_behind_a_writer_is_one_too() {
    within(Duration::from_secs(60), || {
        let lock = RwLock::new(1);
        thread::scope(|scope| {
            let reader = lock.read().unwrap();
            scope.spawn(|| {
                step("waiting to write");
                *lock.write().unwrap() += 1;
            });
            while lock.try_read().is_ok() {
                thread::yield_now();
            }
            let message = message_of(|| drop(lock.read()));
            assert!(message.contains("a writer waits"), "{message}");
            drop(reader);
        });
    });
}
