//! Property: what `std::sync::Once` promises, of our own.

use std::panic::{self, AssertUnwindSafe, RefUnwindSafe, UnwindSafe};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::futex;
use threadbare::sync::Once;
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

/// Whether it panics, and not aloud.
fn panics(run: impl FnOnce()) -> bool {
    panic::catch_unwind(AssertUnwindSafe(run)).is_err()
}

/// A run that fails, and not aloud.
fn fails() {
    panic::resume_unwind(Box::new("planned"));
}

#[test]
fn the_first_runs_and_the_others_see_it() {
    const THREADS: usize = 8;
    within(LIMIT, || {
        for _ in 0..300 {
            let (once, runs) = (Once::new(), AtomicUsize::new(0));
            let meet = Barrier::new(THREADS);
            thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        meet.wait();
                        step("calling once");
                        // ORDERING: Relaxed, here and below: `once` orders it.
                        once.call_once(|| _ = runs.fetch_add(1, Relaxed));
                        // ORDERING: as above.
                        assert_eq!(runs.load(Relaxed), 1);
                    });
                }
            });
            assert!(once.is_completed());
        }
    });
}

#[test]
fn it_is_not_complete_while_it_runs() {
    static ONCE: Once = Once::new();
    assert!(!ONCE.is_completed());
    ONCE.call_once(|| assert!(!ONCE.is_completed()));
    assert!(ONCE.is_completed());
    ONCE.call_once(|| unreachable!("it has been done"));
    ONCE.call_once_force(|_| unreachable!("it has been done"));
}

#[test]
fn a_panic_poisons_it_until_it_is_forced() {
    let once = Once::new();
    assert!(panics(|| once.call_once(fails)));
    assert!(!once.is_completed());
    let said = panic::catch_unwind(AssertUnwindSafe(|| {
        once.call_once(|| unreachable!("it is poisoned"));
    }));
    let said = said.unwrap_err();
    assert_eq!(
        said.downcast_ref::<&str>(),
        Some(&"Once instance has previously been poisoned")
    );
    assert!(panics(|| once.wait()));
    // A second panic leaves it as it was.
    assert!(panics(|| once.call_once_force(|_| fails())));
    once.call_once_force(|state| assert!(state.is_poisoned()));
    assert!(once.is_completed());
    once.call_once(|| unreachable!("it has been done"));
    once.wait();
}

#[test]
fn a_force_at_first_is_told_of_no_panic() {
    Once::new().call_once_force(|state| assert!(!state.is_poisoned()));
}

/// Who sleeps while it runs is told that it panicked.
#[test]
fn a_panic_is_told_to_those_who_wait_for_it() {
    within(LIMIT, || {
        for _ in 0..100 {
            let (once, meet) = (Once::new(), Barrier::new(3));
            thread::scope(|scope| {
                let others = [0, 1].map(|_| {
                    scope.spawn(|| {
                        meet.wait();
                        step("calling, or waiting for, one that fails");
                        panics(|| once.call_once(|| unreachable!()))
                    })
                });
                let first = panics(|| {
                    once.call_once(|| {
                        meet.wait();
                        fails();
                    });
                });
                assert!(first && others.into_iter().all(|it| it.join().unwrap()));
            });
        }
    });
}

#[test]
fn who_waits_comes_back_when_it_has_been_done() {
    within(LIMIT, || {
        for _ in 0..100 {
            let (once, runs) = (Once::new(), AtomicUsize::new(0));
            thread::scope(|scope| {
                for wait in [Once::wait as fn(&Once), Once::wait_force] {
                    let (once, runs) = (&once, &runs);
                    scope.spawn(move || {
                        wait(once);
                        // ORDERING: Relaxed, here and below: `once` orders it.
                        assert_eq!(runs.load(Relaxed), 1);
                    });
                }
                // ORDERING: as above.
                once.call_once(|| _ = runs.fetch_add(1, Relaxed));
            });
        }
    });
}

#[test]
fn who_waits_with_force_waits_through_a_panic() {
    within(LIMIT, || {
        let once = Once::new();
        thread::scope(|scope| {
            let waiter = scope.spawn(|| once.wait_force());
            assert!(panics(|| once.call_once(fails)));
            once.call_once_force(|_| ());
            waiter.join().unwrap();
        });
    });
}

#[test]
fn no_system_call_and_no_more_than_a_word() {
    let once = Once::new();
    let before = futex::calls();
    once.call_once(|| ());
    once.call_once(|| ());
    once.wait();
    assert_eq!(futex::calls(), before);
    assert_eq!(size_of::<Once>(), size_of::<std::sync::Once>());
    assert_eq!(format!("{once:?}"), "Once { .. }");
}

#[test]
fn it_goes_where_stds_goes() {
    fn goes<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}
    goes::<Once>();
    goes::<std::sync::Once>();
}

/// A run that calls itself would wait for itself. In a debug build it is told so, with both
/// places; what std does there is not specified.
#[test]
#[cfg(debug_assertions)]
fn a_run_that_waits_for_itself_is_told() {
    let again: [fn(&Once); 2] = [|once| once.call_once(|| ()), |once| once.wait()];
    for again in again {
        let once = Once::new();
        let said = panic::catch_unwind(AssertUnwindSafe(|| {
            once.call_once(|| again(&once));
        }));
        let said = said.unwrap_err();
        let said = said.downcast_ref::<String>().expect("a message");
        assert_eq!(said.matches("05_once_is_once.rs:").count(), 2, "{said}");
        assert!(said.starts_with("deadlock: "), "{said}");
    }
}
