//! Property: who comes to a condition variable with another mutex than those who wait there
//! panics, and disturbs nobody; when they are gone, any mutex will do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;
use threadbare::sync::{Condvar, Mutex};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

#[derive(PartialEq)]
enum State {
    Nobody,
    /// Said under the lock, so the waiter is in the wait when another has the lock.
    Waits,
    Done,
}

#[test]
fn a_second_mutex_is_told() {
    within(LIMIT, || {
        let (first, second) = (Mutex::new(State::Nobody), Mutex::new(0));
        let changed = Condvar::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                step("waiting with the first");
                let mut state = first.lock().unwrap();
                *state = State::Waits;
                drop(changed.wait_while(state, |state| *state != State::Done));
            });
            let waits_now = || *first.lock().unwrap() == State::Waits;
            while !waits_now() {
                step("waiting for the other to wait");
                thread::yield_now();
            }
            let thrown = catch_unwind(AssertUnwindSafe(|| {
                drop(changed.wait(second.lock().unwrap()));
            }));
            let said = thrown.unwrap_err();
            let said = said.downcast_ref::<&str>().copied();
            assert!(
                said.is_some_and(|said| said.contains("two mutexes")),
                "{said:?}"
            );
            // It had the lock when it panicked.
            assert!(second.is_poisoned() && second.try_lock().is_err());
            second.clear_poison();
            assert!(second.try_lock().is_ok(), "it was given back");
            assert!(!first.is_poisoned());
            *first.lock().unwrap() = State::Done;
            changed.notify_one();
        });
        let guard = second.lock().unwrap();
        drop(changed.wait_timeout(guard, Duration::ZERO).unwrap());
    });
}
