//! Stress for the condition variables: 64 threads that put and take, under one lock.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/sync/condvar/models.rs` try them all, with fewer operations.

use std::collections::VecDeque;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use threadbare::sync::condvar::{v1_sequence, v2_counted};
use threadbare::sync::{Mutex, MutexGuard};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: u64 = 64;
const ITEMS: u64 = 1_000;
/// So few that those who put wait as well.
const ROOM: usize = 3;

type Items = VecDeque<u64>;

macro_rules! stress {
    ($($name:ident: $version:ident, $wait:expr;)*) => { $(
        /// Half of the threads put, half of them take; each item comes out once.
        #[test]
        fn $name() {
            within(LIMIT, || {
                let seed = seed(concat!("condvar::", stringify!($name)));
                let items = Mutex::new(Items::new());
                let (not_empty, not_full) =
                    ($version::Condvar::new(), $version::Condvar::new());
                let meet = Barrier::new(THREADS as usize);
                let put = |number: u64, random: &mut Random| {
                    for item in 0..ITEMS {
                        step(format!("puts item {item} of {ITEMS}"));
                        let mut items = items.lock().unwrap();
                        while items.len() == ROOM {
                            items = $wait(&not_full, items);
                        }
                        items.push_back(number * ITEMS + item);
                        match random.below(8) {
                            0 => not_empty.notify_all(),
                            1..4 => not_empty.notify_one(),
                            _ => {
                                drop(items);
                                not_empty.notify_one();
                            }
                        }
                    }
                    0
                };
                let take = || {
                    let mut sum = 0;
                    for item in 0..ITEMS {
                        step(format!("takes item {item} of {ITEMS}"));
                        let mut items = items.lock().unwrap();
                        while items.is_empty() {
                            items = $wait(&not_empty, items);
                        }
                        sum += items.pop_front().unwrap();
                        drop(items);
                        not_full.notify_one();
                    }
                    sum
                };
                let sum: u64 = thread::scope(|scope| {
                    let threads: Vec<_> = (0..THREADS)
                        .map(|number| {
                            let (meet, put, take) = (&meet, &put, &take);
                            scope.spawn(move || {
                                let mut random = Random::new(seed ^ number);
                                meet.wait();
                                if number % 2 == 0 {
                                    put(number / 2, &mut random)
                                } else {
                                    take()
                                }
                            })
                        })
                        .collect();
                    threads.into_iter().map(|it| it.join().unwrap()).sum()
                });
                let all = THREADS / 2 * ITEMS;
                assert_eq!(sum, all * (all - 1) / 2, "each item once");
                assert!(items.into_inner().unwrap().is_empty());
            });
        }
    )* };
}

fn wait_v1<'a>(
    condvar: &v1_sequence::Condvar,
    items: MutexGuard<'a, Items>,
) -> MutexGuard<'a, Items> {
    condvar.wait(items).unwrap()
}

fn wait_v2<'a>(
    condvar: &v2_counted::Condvar,
    items: MutexGuard<'a, Items>,
) -> MutexGuard<'a, Items> {
    condvar.wait(items).unwrap()
}

/// Sleeps so briefly that many waits end by the clock while they are notified.
fn wait_briefly<'a>(
    condvar: &v2_counted::Condvar,
    items: MutexGuard<'a, Items>,
) -> MutexGuard<'a, Items> {
    let limit = Duration::from_micros(50);
    condvar.wait_timeout(items, limit).unwrap().0
}

stress!(
    v1: v1_sequence, wait_v1;
    v2: v2_counted, wait_v2;
    v2_with_limits: v2_counted, wait_briefly;
);
