//! Stress for `BoundedQueue`: all ways to push and pop at once, and a close in the middle.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! model in `src/locks/bounded_queue/models.rs` tries them all, with fewer items.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::locks::{TryPopError, TryPushError};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const SHORT: Duration = Duration::from_micros(20);

macro_rules! stress {
    ($($version:ident)*) => { $(
        mod $version {
            use super::*;
            use threadbare::locks::bounded_queue::$version::BoundedQueue;

            /// Pushes by one of the three ways; whether the item is in.
            fn push(queue: &BoundedQueue<u64>, item: u64, random: &mut Random) -> bool {
                let refused = match random.below(3) {
                    0 => return queue.push(item).is_ok(),
                    1 => queue.try_push(item),
                    _ => queue.push_timeout(item, SHORT),
                };
                refused.is_ok()
            }

            /// Pops by one of the three ways; `Err` when there will be no more.
            fn pop(queue: &BoundedQueue<u64>, random: &mut Random) -> Result<u64, TryPopError> {
                match random.below(3) {
                    0 => queue.pop().ok_or(TryPopError::Closed),
                    1 => queue.try_pop(),
                    _ => queue.pop_timeout(SHORT),
                }
            }

            #[test]
            fn what_went_in_comes_out_whenever_it_is_closed() {
                const ROUNDS: u64 = 200;
                const PUSHES: u64 = 200;
                let seed = seed(concat!("bounded_queue::", stringify!($version)));
                let mut random = Random::new(seed);
                within(LIMIT, || {
                    for round in 0..ROUNDS {
                        let queue = BoundedQueue::new(1 + random.below(4) as usize);
                        let (pushed, popped) = (AtomicU64::new(0), AtomicU64::new(0));
                        let close_after = random.below(2 * PUSHES);
                        thread::scope(|scope| {
                            for number in 0..2 {
                                let (queue, pushed) = (&queue, &pushed);
                                let mut random = Random::new(seed ^ (2 * round + number));
                                scope.spawn(move || {
                                    for n in 0..PUSHES {
                                        step(format!("round {round}: push {n} of {number}"));
                                        let item = 1 + random.below(1000);
                                        if push(queue, item, &mut random) {
                                            // ORDERING: Relaxed. Read after the scope's join.
                                            pushed.fetch_add(item, Relaxed);
                                        }
                                        if number == 0 && n == close_after {
                                            queue.close();
                                        }
                                    }
                                    // The second to come here closes it a second time.
                                    queue.close();
                                });
                            }
                            for number in 2..4 {
                                let (queue, popped) = (&queue, &popped);
                                let mut random = Random::new(seed ^ (2 * round + number));
                                scope.spawn(move || {
                                    loop {
                                        step(format!("round {round}: pop of {number}"));
                                        match pop(queue, &mut random) {
                                            // ORDERING: Relaxed. Read after the scope's join.
                                            Ok(item) => drop(popped.fetch_add(item, Relaxed)),
                                            Err(TryPopError::Empty) => thread::yield_now(),
                                            Err(TryPopError::Closed) => return,
                                        }
                                    }
                                });
                            }
                        });
                        assert!(queue.is_closed() && queue.is_empty());
                        assert_eq!(pushed.into_inner(), popped.into_inner(), "round {round}");
                        let late = queue.try_push(1);
                        assert!(matches!(late, Err(TryPushError::Closed(1))));
                    }
                });
            }

            /// The narrowest place: room for one, so that each side is always about to fall asleep.
            #[test]
            fn two_that_hand_over_one_by_one() {
                const ITEMS: u64 = 50_000;
                within(LIMIT, || {
                    let queue = BoundedQueue::new(1);
                    thread::scope(|scope| {
                        scope.spawn(|| {
                            step("pushing one by one");
                            (0..ITEMS).for_each(|item| queue.push(item).unwrap());
                            queue.close();
                        });
                        step("popping one by one");
                        assert!(std::iter::from_fn(|| queue.pop()).eq(0..ITEMS));
                    });
                });
            }

            /// 64 threads through a narrow place.
            #[test]
            fn a_crowd() {
                const ITEMS: u64 = 500;
                within(LIMIT, || {
                    let (queue, popped) = (BoundedQueue::new(4), AtomicU64::new(0));
                    thread::scope(|scope| {
                        for number in 0..32 {
                            let queue = &queue;
                            scope.spawn(move || {
                                step(format!("{number} pushes"));
                                (0..ITEMS).for_each(|item| queue.push(item).unwrap());
                            });
                            let popped = &popped;
                            scope.spawn(move || {
                                step(format!("{number} pops"));
                                let sum: u64 = (0..ITEMS).map(|_| queue.pop().unwrap()).sum();
                                // ORDERING: Relaxed. Read after the scope's join.
                                popped.fetch_add(sum, Relaxed);
                            });
                        }
                    });
                    assert!(queue.is_empty());
                    assert_eq!(popped.into_inner(), 32 * ITEMS * (ITEMS - 1) / 2);
                });
            }
        }
    )* };
}
stress!(v1_on_std v2_on_sync);
