//! Property: locks in a wrong order are told on every run, although no thread ever waits
//! for another; and what is told names the places.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use threadbare::locks::{LockGraph, OrderedMutex, WatchedMutex};

fn message_of(run: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => payload.downcast::<&str>().expect("a message").to_string(),
    }
}

/// A file name with a line of this file in it.
fn places_in(text: &str) -> usize {
    text.matches("02_a_wrong_order_is_told.rs:").count()
}

#[test]
fn levels_are_climbed() {
    static LOW: OrderedMutex<u32> = OrderedMutex::new("low", 1, 0);
    static HIGH: OrderedMutex<u32> = OrderedMutex::new("high", 2, 0);
    {
        let low = LOW.lock();
        *HIGH.lock() += *low + 1;
    }
    let message = message_of(|| {
        let _high = HIGH.lock();
        let _low = LOW.lock();
    });
    let start = "lock order: `low` (level 1) is taken at ";
    assert!(message.starts_with(start), "{message}");
    assert!(
        message.contains("while `high` (level 2) is held since "),
        "{message}"
    );
    assert_eq!(places_in(&message), 2, "{message}");

    // The panic came while `high` was held; `low` was never taken.
    assert_eq!(*LOW.lock(), 0);
    let message = message_of(|| drop(HIGH.lock()));
    assert_eq!(message, "a thread panicked while it held `high`");
}

#[test]
fn a_lock_is_not_taken_twice() {
    let lock = OrderedMutex::new("a", 1, ());
    let message = message_of(|| {
        let _first = lock.lock();
        let _second = lock.lock();
    });
    assert!(
        message.starts_with("lock order: `a` (level 1)"),
        "{message}"
    );

    let graph = LockGraph::new();
    let lock = graph.mutex("b", ());
    let message = message_of(|| {
        let _first = lock.lock();
        let _second = lock.lock();
    });
    assert!(message.starts_with("`b` is taken at "), "{message}");
    assert_eq!(places_in(&message), 2, "{message}");
}

/// Who does not wait may take a lower one, but from then on climbs above all that it holds.
#[test]
fn a_try_may_go_down_and_counts_as_held() {
    let [low, mid, also_mid, high] =
        [("low", 1), ("mid", 2), ("also mid", 2), ("high", 3)]
            .map(|(name, level)| OrderedMutex::new(name, level, 0));
    let held = mid.lock();
    let below = low.try_lock().expect("it is free");
    let beside = also_mid.try_lock().expect("it is free");
    assert!(mid.try_lock().is_none(), "this thread holds it");
    thread::scope(|scope| {
        scope.spawn(|| assert!(low.try_lock().is_none(), "another holds it"));
    });
    drop(high.lock());
    drop(held);
    let message = message_of(|| drop(mid.lock()));
    assert!(message.contains("`also mid` (level 2) is held since "));
    drop(beside);
    drop(mid.lock());
    let message = message_of(|| drop(low.lock()));
    assert!(message.contains("`low` (level 1) is held since "));
    drop(below);

    message_of(|| {
        let _low = low.try_lock();
        panic!("planned")
    });
    let message = message_of(|| drop(low.try_lock()));
    assert_eq!(message, "a thread panicked while it held `low`");
}

/// What one thread holds is not held by another.
#[test]
fn each_thread_climbs_by_itself() {
    let (low, high) = (OrderedMutex::new("", 1, 0), OrderedMutex::new("", 2, 0));
    let high_is_held = high.lock();
    thread::scope(|scope| {
        scope.spawn(|| *low.lock() += 1);
    });
    drop(high_is_held);
    assert_eq!((low.into_inner(), high.into_inner()), (1, 0));
}

#[test]
fn a_circle_is_reported_with_all_its_places() {
    let graph = LockGraph::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| graph.mutex(name, 0));
    thread::scope(|scope| {
        // One after the other: no two are ever there at the same time.
        for (name, outer, inner) in
            [("first", &a, &b), ("second", &b, &c), ("third", &c, &a)]
        {
            assert_eq!(graph.cycle(), None);
            let nest = move || {
                let _outer = outer.lock();
                *inner.lock() += 1;
            };
            let thread = thread::Builder::new().name(name.to_owned());
            thread.spawn_scoped(scope, nest).unwrap().join().unwrap();
        }
    });
    let cycle = graph.cycle().expect("three orders make a circle");
    let edges: Vec<_> = cycle
        .edges()
        .iter()
        .map(|edge| (edge.held, edge.taken, edge.thread.as_deref().unwrap()))
        .collect();
    assert_eq!(
        edges,
        [
            ("a", "b", "first"),
            ("b", "c", "second"),
            ("c", "a", "third")
        ]
    );
    let report = cycle.to_string();
    assert!(report.starts_with("a -> b -> c -> a\n"), "{report}");
    assert_eq!(places_in(&report), 6, "{report}");
    assert_eq!(*a.lock() + *b.lock() + *c.lock(), 3, "nothing was refused");

    let [mut a, b, c] = [a, b, c];
    *a.get_mut() += 1;
    assert_eq!([a, b, c].map(WatchedMutex::into_inner), [2, 1, 1]);
}

/// Two graphs know nothing of each other, and neither do two locks of one name.
#[test]
fn locks_are_told_apart() {
    let graphs = [LockGraph::new(), LockGraph::new()];
    let [a, b] = [0, 1].map(|graph| graphs[graph].mutex("same", ()));
    for (outer, inner) in [(&a, &b), (&b, &a)] {
        let _outer = outer.lock();
        let _inner = inner.lock();
    }
    let same = graphs[0].mutex("same", ());
    let _outer = a.lock();
    let _inner = same.lock();
    assert!(graphs.iter().all(|graph| graph.cycle().is_none()));
}
