//! Property: what goes into a `BoundedQueue` comes out once, each producer's items in the
//! order in which it pushed them, and there are never more in it than there is room for.

use std::thread;
use std::time::Duration;
use threadbare::locks::bounded_queue::{
    TryPopError, TryPushError, v1_on_std::BoundedQueue,
};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const ITEMS: usize = 2_000;

#[test]
fn every_item_once_and_each_producers_in_order() {
    const PRODUCERS: usize = 3;
    const CONSUMERS: usize = 3;
    for capacity in [1, 2, 64] {
        within(LIMIT, || {
            let queue = BoundedQueue::new(capacity);
            let popped: Vec<Vec<(usize, usize)>> = thread::scope(|scope| {
                let producers: Vec<_> = (0..PRODUCERS)
                    .map(|producer| {
                        let queue = &queue;
                        scope.spawn(move || {
                            for item in 0..ITEMS {
                                step(format!("producer {producer} pushes {item}"));
                                queue.push((producer, item)).unwrap();
                                assert!(queue.len() <= capacity);
                            }
                        })
                    })
                    .collect();
                let consumers: Vec<_> = (0..CONSUMERS)
                    .map(|_| {
                        scope.spawn(|| {
                            step("popping");
                            std::iter::from_fn(|| queue.pop()).collect()
                        })
                    })
                    .collect();
                for producer in producers {
                    producer.join().unwrap();
                }
                queue.close();
                let popped = consumers.into_iter().map(|it| it.join().unwrap());
                popped.collect()
            });
            // One consumer sees the items of one producer in their order.
            for items in &popped {
                for producer in 0..PRODUCERS {
                    let of_one = items.iter().filter(|(from, _)| *from == producer);
                    assert!(of_one.is_sorted());
                }
            }
            let mut all = popped.concat();
            all.sort_unstable();
            let pushed = (0..PRODUCERS)
                .flat_map(|producer| (0..ITEMS).map(move |item| (producer, item)));
            assert!(all.into_iter().eq(pushed), "an item is lost, or came twice");
        });
    }
}

#[test]
fn a_full_queue_and_an_empty_one_refuse_at_once() {
    let queue = BoundedQueue::new(1);
    assert_eq!(queue.try_pop(), Err(TryPopError::Empty));
    queue.try_push(1).unwrap();
    assert!(matches!(queue.try_push(2), Err(TryPushError::Full(2))));
    assert!(matches!(
        queue.push_timeout(2, Duration::from_millis(1)),
        Err(TryPushError::Full(2))
    ));
    assert_eq!(queue.try_pop(), Ok(1));
    let nothing = queue.pop_timeout(Duration::from_millis(1));
    assert_eq!(nothing, Err(TryPopError::Empty));
    assert_eq!(format!("{:?}", queue.try_push(3)), "Ok(())");
    assert_eq!(
        format!("{queue:?} {:?}", queue.try_push(4)),
        "BoundedQueue { len: 1, capacity: 1, closed: false } Err(Full { .. })"
    );
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
fn no_limit_reserves_no_memory() {
    let queue = BoundedQueue::new(usize::MAX);
    assert_eq!(queue.capacity(), usize::MAX);
    for item in 0..10_000 {
        queue.try_push(item).unwrap();
    }
    queue.close();
    assert!(std::iter::from_fn(|| queue.pop()).eq(0..10_000));
}
