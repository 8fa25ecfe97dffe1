//! Property: of all threads that close a `Locker` one gets the value, after every use that
//! was let in; and nobody is let in afterwards.
//! What is refused is dropped outside of the lock.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use threadbare::locks::{Closed, Locker};
use threadbare::testkit::{step, within};

const USERS: usize = 3;
const CLOSERS: usize = 3;

#[test]
fn one_of_many_closes_it() {
    within(Duration::from_secs(60), || {
        for round in 0..300 {
            let locker = Locker::new(0_u64);
            let begin = Barrier::new(USERS + CLOSERS);
            thread::scope(|scope| {
                let users: Vec<_> = (0..USERS)
                    .map(|_| {
                        let (locker, begin) = (locker.clone(), &begin);
                        scope.spawn(move || {
                            begin.wait();
                            step(format!("using it until it is closed, {round}"));
                            let mut calls = 0;
                            while locker.with(|value| *value += 1).is_ok() {
                                calls += 1;
                            }
                            calls
                        })
                    })
                    .collect();
                let closers: Vec<_> = (0..CLOSERS)
                    .map(|_| {
                        let (locker, begin) = (locker.clone(), &begin);
                        scope.spawn(move || {
                            begin.wait();
                            step(format!("closing it, {round}"));
                            locker.close().ok()
                        })
                    })
                    .collect();
                let calls: u64 =
                    users.into_iter().map(|it| it.join().unwrap()).sum();
                let values: Vec<u64> = closers
                    .into_iter()
                    .filter_map(|it| it.join().unwrap())
                    .collect();
                assert_eq!(values, [calls], "calls let in, and what was closed");
            });
        }
    });
}

/// Looks at a locker when it is dropped.
struct Looks(Locker<Vec<u32>>);

impl Drop for Looks {
    fn drop(&mut self) {
        step("looking at it from a drop");
        assert_eq!(self.0.with(|values| values.len()), Err(Closed(())));
    }
}

#[test]
fn what_a_refused_call_has_captured_may_use_the_handle() {
    within(Duration::from_secs(20), || {
        let closed = Locker::new(vec![1]);
        closed.close().unwrap();
        let poisoned = Locker::new(vec![1]);
        let breaker = poisoned.clone();
        let thread = thread::spawn(move || {
            breaker.with(|_| std::panic::resume_unwind(Box::new("planned")))
        });
        let _: Box<_> = thread.join().map(|_: Result<(), _>| ()).unwrap_err();
        for locker in [closed, poisoned] {
            let captured = Looks(locker.clone());
            let refused = locker.with(move |_| drop(captured));
            assert_eq!(refused, Err(Closed(())));
        }
    });
}

#[test]
fn a_panic_inside_refuses_all_but_the_close() {
    let locker = Locker::new(vec![1]);
    let breaker = locker.clone();
    let thread = thread::spawn(move || {
        breaker.with(|values| {
            values.push(2);
            std::panic::resume_unwind(Box::new("planned"))
        })
    });
    let _: Box<_> = thread.join().map(|_: Result<(), _>| ()).unwrap_err();
    assert_eq!(locker.with(|values| values.len()), Err(Closed(())));
    assert_eq!(locker.close(), Ok(vec![1, 2]), "as the panic left it");
    assert_eq!(locker.close(), Err(Closed(())));
    assert_eq!(Closed(()).to_string(), "it is closed");
    assert_eq!(format!("{locker:?}"), "Locker { .. }");
}
