//! Property: `BoundedQueue` on our own locks keeps what the one of chapter 02 promises.
//! (That one is tested in `02_items_come_out_once_and_in_order` and
//! `02_close_ends_every_wait`.)

use std::sync::Arc;
use std::thread;
use std::time::Duration;
use threadbare::locks::bounded_queue::v2_on_sync::BoundedQueue;
use threadbare::locks::{Closed, TryPopError, TryPushError};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(1);

#[test]
fn every_item_once_and_each_producers_in_order() {
    const ITEMS: usize = 2_000;
    for capacity in [1, 2, 64] {
        within(LIMIT, || {
            let queue = BoundedQueue::new(capacity);
            let popped = thread::scope(|scope| {
                let producers = [0, 1, 2].map(|producer| {
                    let queue = &queue;
                    scope.spawn(move || {
                        for item in 0..ITEMS {
                            step(format!("producer {producer} pushes {item}"));
                            queue.push((producer, item)).unwrap();
                            assert!(queue.len() <= capacity);
                        }
                    })
                });
                let consumers = [0, 1, 2].map(|_| {
                    scope.spawn(|| {
                        step("popping");
                        std::iter::from_fn(|| queue.pop()).collect::<Vec<_>>()
                    })
                });
                for producer in producers {
                    producer.join().unwrap();
                }
                queue.close();
                consumers.map(|consumer| consumer.join().unwrap())
            });
            for items in &popped {
                for producer in 0..3 {
                    let of_one = items.iter().filter(|(from, _)| *from == producer);
                    assert!(of_one.is_sorted(), "one producer's items overtake");
                }
            }
            let mut all = popped.concat();
            all.sort_unstable();
            let pushed = (0..3)
                .flat_map(|producer| (0..ITEMS).map(move |item| (producer, item)));
            assert!(all.into_iter().eq(pushed), "an item is lost, or came twice");
        });
    }
}

#[test]
fn a_close_ends_every_wait() {
    within(LIMIT, || {
        for _ in 0..200 {
            let (full, empty) = (BoundedQueue::new(1), BoundedQueue::<u32>::new(1));
            full.push(0).unwrap();
            thread::scope(|scope| {
                for item in 1..=3 {
                    let full = &full;
                    scope.spawn(move || {
                        step("pushing into a full queue");
                        assert_eq!(full.push(item), Err(Closed(item)));
                    });
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
fn who_does_not_want_to_wait_is_refused() {
    let queue = BoundedQueue::new(1);
    assert_eq!(queue.try_pop(), Err(TryPopError::Empty));
    assert_eq!(queue.pop_timeout(SHORT), Err(TryPopError::Empty));
    queue.try_push(1).unwrap();
    assert!(matches!(queue.try_push(2), Err(TryPushError::Full(2))));
    assert!(matches!(
        queue.push_timeout(2, SHORT),
        Err(TryPushError::Full(2))
    ));
    assert_eq!(
        format!("{queue:?} {}", queue.is_closed()),
        "BoundedQueue { len: 1, capacity: 1, closed: false } false"
    );
    queue.close();
    queue.close();
    assert_eq!(queue.push(3), Err(Closed(3)));
    assert_eq!(queue.try_push(3), Err(TryPushError::Closed(3)));
    assert_eq!(queue.push_timeout(3, SHORT), Err(TryPushError::Closed(3)));
    assert_eq!((queue.pop(), queue.pop()), (Some(1), None));
    assert_eq!(queue.try_pop(), Err(TryPopError::Closed));
    assert_eq!(queue.pop_timeout(SHORT), Err(TryPopError::Closed));
    assert!(queue.is_closed() && queue.is_empty());
}

#[test]
fn a_limit_too_far_away_waits_without_one() {
    within(LIMIT, || {
        let queue = BoundedQueue::new(1);
        thread::scope(|scope| {
            let consumer = scope.spawn(|| queue.pop_timeout(Duration::MAX));
            queue.push_timeout(7, Duration::MAX).unwrap();
            assert_eq!(consumer.join().unwrap(), Ok(7));
        });
    });
}

#[test]
fn what_is_left_is_dropped_once() {
    let item = Arc::new(());
    let queue = BoundedQueue::new(4);
    for _ in 0..3 {
        queue.push(Arc::clone(&item)).unwrap();
    }
    drop(queue.pop());
    drop(queue);
    assert_eq!(Arc::strong_count(&item), 1);
}

/// A queue that nobody limits takes memory for what is in it.
#[test]
fn no_limit_reserves_no_memory() {
    let queue = BoundedQueue::new(usize::MAX);
    (0..10_000).for_each(|item| queue.try_push(item).unwrap());
    assert_eq!((queue.len(), queue.capacity()), (10_000, usize::MAX));
    assert_eq!(queue.pop(), Some(0));
}
