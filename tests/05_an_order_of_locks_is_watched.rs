//! Property: in debug builds a thread that takes locks in an order which could end in a
//! deadlock is told so, in a run in which nobody waits for anybody; and what it is told
//! names every place.
#![cfg(debug_assertions)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use threadbare::sync::{Condvar, OrderedMutex};

fn message_of(run: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => payload.downcast::<&str>().expect("a message").to_string(),
    }
}

/// The lines of this file that are named in it, in order.
fn lines_in(text: &str) -> Vec<u32> {
    let places = text.split("05_an_order_of_locks_is_watched.rs:").skip(1);
    places
        .map(|it| it.split(':').next().unwrap().parse().unwrap())
        .collect()
}

#[test]
fn a_circle_of_two_names_four_lines() {
    let (ada, bob) = (OrderedMutex::new("ada", 0), OrderedMutex::new("bob", 0));
    let first = line!();
    {
        let _ada = ada.lock().unwrap(); // first + 2
        let _bob = bob.lock().unwrap(); // first + 3
    }
    let message = message_of(|| {
        let _bob = bob.lock().unwrap(); // first + 6
        let _ada = ada.lock().unwrap(); // first + 7
    });
    assert_eq!(
        lines_in(&message),
        [first + 7, first + 6, first + 3, first + 2],
        "{message}"
    );
    assert!(
        message.starts_with("lock order: `ada` is wanted at "),
        "{message}"
    );
    // It has not been taken.
    assert!(ada.try_lock().is_ok() && bob.is_poisoned());
}

/// Each on a thread of its own, which ends before the next begins.
#[test]
fn a_circle_of_three_names_six_lines_and_the_threads() {
    let locks = ["one", "two", "three"].map(|name| OrderedMutex::new(name, ()));
    let nest = |outer: usize, inner: usize| {
        let _outer = locks[outer].lock().unwrap();
        let _inner = locks[inner].lock().unwrap();
    };
    for (name, outer, inner) in [("first", 0, 1), ("second", 1, 2)] {
        thread::scope(|scope| {
            let thread = thread::Builder::new().name(name.to_owned());
            thread
                .spawn_scoped(scope, move || nest(outer, inner))
                .unwrap();
        });
    }
    let message = message_of(|| nest(2, 0));
    assert_eq!(lines_in(&message).len(), 6, "{message}");
    assert!(
        message.contains("(by thread first)")
            && message.contains("(by thread second)"),
        "{message}"
    );
}

/// The pair that would close the circle is not taken up: it is wrong as often as it comes.
#[test]
fn it_is_told_each_time() {
    let (a, b) = (
        OrderedMutex::new("each a", ()),
        OrderedMutex::new("each b", ()),
    );
    for _ in 0..2 {
        let _a = a.lock().unwrap();
        drop(b.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
    }
    let wrong = || {
        let _b = b.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let _a = a.lock();
    };
    assert_eq!(message_of(wrong), message_of(wrong));
}

#[test]
fn levels_are_climbed() {
    static LOW: OrderedMutex<u32> = OrderedMutex::with_level("low", 1, 0);
    static HIGH: OrderedMutex<u32> = OrderedMutex::with_level("high", 2, 0);
    {
        let low = LOW.lock().unwrap();
        *HIGH.lock().unwrap() += *low + 1;
    }
    let message = message_of(|| {
        let _high = HIGH.lock().unwrap();
        let _low = LOW.lock().unwrap();
    });
    assert!(
        message.starts_with("lock order: `low` (level 1) is wanted at "),
        "{message}"
    );
    assert!(
        message.contains("while `high` (level 2) is held since "),
        "{message}"
    );
    assert_eq!(lines_in(&message).len(), 2, "{message}");
}

/// Account 17 before account 18 says nothing about 18 before 17, but it will be tried.
#[test]
fn two_locks_of_one_name_have_no_order() {
    let accounts = [0, 1].map(|_| OrderedMutex::new("account", ()));
    let message = message_of(|| {
        let _one = accounts[0].lock().unwrap();
        let _other = accounts[1].lock().unwrap();
    });
    assert!(
        message.ends_with("two locks of one name have no order"),
        "{message}"
    );
    assert_eq!(lines_in(&message).len(), 2, "{message}");
}

#[test]
fn the_same_lock_twice_is_told_as_such() {
    let lock = OrderedMutex::with_level("twice", 1, ());
    let message = message_of(|| {
        let _first = lock.lock().unwrap();
        let _second = lock.lock().unwrap();
    });
    assert!(message.contains("by this same thread"), "{message}");
    assert_eq!(lines_in(&message).len(), 2, "{message}");
}

/// Who does not wait may take a lower one. From then on it climbs above all that it holds.
#[test]
fn try_lock_asks_nothing_and_counts() {
    let [low, middle, high] = [("try low", 1), ("try middle", 2), ("try high", 3)]
        .map(|(name, level)| OrderedMutex::with_level(name, level, ()));
    let held = middle.lock().unwrap();
    let below = low.try_lock().expect("it is free");
    drop(held);
    drop(middle.lock().unwrap());
    drop(below);
    let above = high.try_lock().expect("it is free");
    assert!(message_of(|| drop(middle.lock())).contains("`try high` (level 3)"));
    drop(above);
}

/// Guards are let go in any order, and what is let go counts no more.
#[test]
fn what_is_let_go_is_forgotten() {
    let (a, b) = (
        OrderedMutex::new("let go a", ()),
        OrderedMutex::new("let go b", ()),
    );
    let first = a.lock().unwrap();
    let second = b.lock().unwrap();
    drop(first);
    drop(second);
    drop(b.lock().unwrap());
    drop(a.lock().unwrap());
}

/// A second panic would end the process, and hide the first one.
#[test]
fn who_panics_already_is_not_told() {
    struct LocksInDrop<'a>(&'a OrderedMutex<u32>);
    impl Drop for LocksInDrop<'_> {
        fn drop(&mut self) {
            *self.0.lock().unwrap() += 1;
        }
    }

    let low = OrderedMutex::with_level("drop low", 1, 0);
    let high = OrderedMutex::with_level("drop high", 2, 0);
    let message = message_of(|| {
        let _high = high.lock().unwrap();
        let _locks_first = LocksInDrop(&low);
        panic!("for another reason");
    });
    assert_eq!(message, "for another reason");
    assert_eq!(low.into_inner().unwrap(), 1);
}

#[test]
fn a_condition_variable_takes_its_guard() {
    static READY: OrderedMutex<bool> = OrderedMutex::new("ready", false);
    static CHANGED: Condvar = Condvar::new();
    let waiter = thread::spawn(|| {
        let ready = CHANGED.wait_while(READY.lock().unwrap(), |ready| !*ready);
        assert!(*ready.unwrap());
    });
    *READY.lock().unwrap() = true;
    CHANGED.notify_one();
    waiter.join().unwrap();
}

#[test]
fn it_is_shown_without_waiting() {
    let lock = OrderedMutex::with_level("shown", 3, 5);
    let shown = format!("{lock:?}");
    assert!(
        shown.contains("\"shown\"") && shown.contains('5'),
        "{shown}"
    );
    let _held = lock.lock();
    assert!(format!("{lock:?}").contains("<locked>"));
}
