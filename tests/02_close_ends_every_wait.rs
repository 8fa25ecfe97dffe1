//! Property: closing a `BoundedQueue` ends every wait. Items that did not get in come back
//! to their producers, items that did are still there for consumers.

use std::thread;
use std::time::Duration;
use threadbare::locks::Closed;
use threadbare::locks::bounded_queue::{
    TryPopError, TryPushError, v1_on_std::BoundedQueue,
};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn all_who_wait_come_back() {
    within(LIMIT, || {
        for _ in 0..200 {
            let full = BoundedQueue::new(1);
            full.push(0).unwrap();
            let empty = BoundedQueue::<u32>::new(1);
            thread::scope(|scope| {
                for item in 1..=3 {
                    let full = &full;
                    scope.spawn(move || {
                        step("pushing into a full queue");
                        assert_eq!(full.push(item), Err(Closed(item)));
                    });
                }
                for _ in 0..3 {
                    scope.spawn(|| {
                        step("popping from an empty queue");
                        assert_eq!(empty.pop(), None);
                    });
                }
                full.close();
                empty.close();
            });
            assert_eq!((full.pop(), full.pop()), (Some(0), None));
        }
    });
}

#[test]
fn a_closed_queue_is_drained_and_takes_nothing() {
    let queue = BoundedQueue::new(4);
    queue.push("left").unwrap();
    queue.close();
    queue.close();
    assert!(queue.is_closed() && !queue.is_empty());
    assert_eq!(queue.push("late"), Err(Closed("late")));
    assert_eq!(queue.try_push("late"), Err(TryPushError::Closed("late")));
    let late = queue.push_timeout("late", LIMIT);
    assert_eq!(late, Err(TryPushError::Closed("late")));
    assert_eq!(late.unwrap_err().into_inner(), "late");
    assert_eq!(queue.pop(), Some("left"));
    assert_eq!(queue.pop_timeout(LIMIT), Err(TryPopError::Closed));
    assert_eq!(queue.try_pop(), Err(TryPopError::Closed));
}

/// What nobody takes is dropped with the queue.
#[test]
fn what_is_left_is_dropped_once() {
    let item = std::sync::Arc::new(());
    let queue = BoundedQueue::new(4);
    for _ in 0..3 {
        queue.push(std::sync::Arc::clone(&item)).unwrap();
    }
    drop(queue.pop());
    drop(queue);
    assert_eq!(std::sync::Arc::strong_count(&item), 1);
}
