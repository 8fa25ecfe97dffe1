//! Property: no more threads hold permits of a `Semaphore` than there are, and as many as
//! there are do hold them at the same time.

use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;
use threadbare::locks::{Semaphore, TimedOut};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn never_more_than_there_are() {
    const PERMITS: usize = 3;
    within(LIMIT, || {
        static DESKS: Semaphore = Semaphore::new(PERMITS);
        let held = Mutex::new(0);
        thread::scope(|scope| {
            for thread in 0..6 {
                let held = &held;
                scope.spawn(move || {
                    for round in 0..500 {
                        let wanted = 1 + (thread + round) % PERMITS;
                        step(format!("thread {thread} wants {wanted}"));
                        let permit = DESKS.acquire_many(wanted);
                        let now = {
                            let mut held = held.lock().unwrap();
                            *held += wanted;
                            *held
                        };
                        assert!(now <= PERMITS, "{now} of {PERMITS} are held");
                        *held.lock().unwrap() -= wanted;
                        drop(permit);
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
fn permits_can_be_kept_added_and_waited_for_in_vain() {
    let semaphore = Semaphore::new(2);
    semaphore.acquire().forget();
    assert_eq!(semaphore.available(), 1);
    let last = semaphore.try_acquire().expect("one is left");
    assert!(semaphore.try_acquire().is_none());
    assert!(semaphore.try_acquire_many(1).is_none());
    assert_eq!(
        semaphore.try_acquire_many(0).map(|none| none.count()),
        Some(0)
    );
    let late = semaphore.acquire_timeout(Duration::from_millis(1));
    assert_eq!(late.unwrap_err(), TimedOut);
    let late = semaphore.acquire_many_timeout(2, Duration::from_millis(1));
    assert_eq!(late.unwrap_err(), TimedOut);
    semaphore.add_permits(1);
    assert!(semaphore.acquire_many_timeout(1, Duration::MAX).is_ok());
    assert!(semaphore.acquire_timeout(Duration::MAX).is_ok());
    assert_eq!(format!("{last:?}"), "Permit { permits: 1, .. }");
    drop(last);
    drop(semaphore.acquire_many(0));
    assert_eq!(semaphore.available(), 2);
}
