//! Property: readers of an `RwLock` have it at the same time, and a writer has it alone.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::sync::rwlock::{v1_readers_first, v2_writers_first};
use threadbare::sync::{RwLock, RwLockWriteGuard};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const READERS: usize = 16;

/// They meet while each has it, which would never end if one kept another out.
#[test]
fn all_readers_meet() {
    within(LIMIT, || {
        let (v1, v2) = (
            v1_readers_first::RwLock::new(7),
            v2_writers_first::RwLock::new(7),
        );
        let all_in = Barrier::new(READERS);
        thread::scope(|scope| {
            for _ in 0..READERS {
                scope.spawn(|| {
                    let readers = (v1.read(), v2.read().unwrap());
                    step("waiting for the other readers");
                    all_in.wait();
                    assert_eq!(*readers.0 + *readers.1, 14);
                });
            }
        });
    });
}

/// A writer that stays to read is met by the readers that it kept waiting.
#[test]
fn a_writer_that_stays_is_met() {
    within(LIMIT, || {
        let lock = RwLock::new(0);
        let (all_come, all_in) = (Barrier::new(READERS), Barrier::new(READERS));
        thread::scope(|scope| {
            let mut writer = lock.write().unwrap();
            for _ in 1..READERS {
                scope.spawn(|| {
                    all_come.wait();
                    step("waiting to read");
                    let reader = lock.read().unwrap();
                    step("waiting for the other readers");
                    all_in.wait();
                    assert_eq!(*reader, 1);
                });
            }
            all_come.wait();
            *writer += 1;
            let reader = RwLockWriteGuard::downgrade(writer);
            step("waiting for the readers");
            all_in.wait();
            drop(reader);
        });
    });
}

#[test]
fn a_writer_is_alone() {
    within(LIMIT, || {
        let (lock, inside) = (RwLock::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for number in 0..READERS {
                let (lock, inside) = (&lock, &inside);
                scope.spawn(move || {
                    for round in 0..500 {
                        step(format!("{number} in round {round}"));
                        if (number + round) % 3 == 0 {
                            let mut writer = lock.write().unwrap();
                            // ORDERING: Relaxed, here and below. A count; the lock orders it.
                            let others = inside.fetch_add(1, Relaxed);
                            assert_eq!(others, 0, "others are in");
                            *writer += 1;
                            // ORDERING: as above.
                            inside.fetch_sub(1, Relaxed);
                        } else {
                            let _reader = lock.read().unwrap();
                            // ORDERING: as above.
                            assert_eq!(inside.load(Relaxed), 0, "a writer is in");
                        }
                    }
                });
            }
        });
    });
}
