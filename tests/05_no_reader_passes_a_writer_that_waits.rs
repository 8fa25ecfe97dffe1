//! Property: once a writer of `RwLock` waits, readers that come wait too, and all of them
//! see what it has written. With version 1 they pass.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use threadbare::sync::RwLock;
use threadbare::sync::rwlock::v1_readers_first;
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const READERS: usize = 8;

#[test]
fn late_readers_see_what_the_writer_wrote() {
    within(LIMIT, || {
        for _ in 0..200 {
            let lock = RwLock::new(0);
            let early = lock.read().unwrap();
            thread::scope(|scope| {
                scope.spawn(|| {
                    step("waiting to write");
                    *lock.write().unwrap() += 1;
                });
                step("waiting until the writer waits");
                while lock.try_read().is_ok() {
                    thread::yield_now();
                }
                for _ in 0..READERS {
                    scope.spawn(|| {
                        step("waiting to read");
                        assert_eq!(*lock.read().unwrap(), 1, "passed the writer");
                    });
                }
                assert_eq!(*early, 0);
                drop(early);
            });
        }
    });
}

/// A writer that stays to read keeps to that too: of two that wait, the writer goes first.
#[test]
fn who_stays_to_read_lets_no_reader_pass() {
    use threadbare::sync::RwLockWriteGuard;
    within(LIMIT, || {
        for _ in 0..200 {
            let lock = RwLock::new(0);
            let first = RwLockWriteGuard::downgrade(lock.write().unwrap());
            thread::scope(|scope| {
                scope.spawn(|| {
                    step("waiting to write");
                    *lock.write().unwrap() += 1;
                });
                while lock.try_read().is_ok() {
                    thread::yield_now();
                }
                scope.spawn(|| {
                    step("waiting to read");
                    assert_eq!(*lock.read().unwrap(), 1, "passed the writer");
                });
                drop(first);
            });
        }
    });
}

/// Readers that wait with a writer are let in when it leaves, together.
#[test]
fn those_who_waited_behind_it_meet() {
    within(LIMIT, || {
        let lock = RwLock::new(0);
        let early = lock.read().unwrap();
        let all_in = Barrier::new(READERS);
        thread::scope(|scope| {
            scope.spawn(|| *lock.write().unwrap() += 1);
            while lock.try_read().is_ok() {
                thread::yield_now();
            }
            for _ in 0..READERS {
                scope.spawn(|| {
                    step("waiting to read");
                    let reader = lock.read().unwrap();
                    step("waiting for the other readers");
                    all_in.wait();
                    assert_eq!(*reader, 1);
                });
            }
            drop(early);
        });
    });
}

/// The same day with version 1: a reader that comes late gets in, writer or not.
#[test]
fn with_version_1_they_pass() {
    within(LIMIT, || {
        let lock = v1_readers_first::RwLock::new(0);
        let mut reader = lock.read();
        thread::scope(|scope| {
            scope.spawn(|| *lock.write() += 1);
            for _ in 0..10_000 {
                reader = lock.read(); // in before the other leaves
            }
            assert_eq!(*reader, 0, "the writer is still waiting");
            drop(reader);
        });
        assert_eq!(lock.into_inner(), 1);
    });
}
