//! Stress for `OrderedMutex`: 64 threads that take many locks in one order, and a few that
//! take two of them in the other.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/sync/ordered/models.rs` try them all, with fewer threads.

use std::array;
use std::thread;
use std::time::Duration;
use threadbare::sync::OrderedMutex;
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: u64 = 64;
const ROUNDS: u64 = 300;

/// Half of the order is said by levels, half is learned. Nobody is told anything.
#[test]
fn who_keeps_the_order_is_left_alone() {
    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let seed = seed("ordered::who_keeps_the_order");
    within(LIMIT, || {
        let locks: [_; NAMES.len()] = array::from_fn(|at| match at {
            0..4 => OrderedMutex::with_level(NAMES[at], at as u32, 0_u64),
            _ => OrderedMutex::new(NAMES[at], 0),
        });
        let added: u64 = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|number| {
                    let mut random = Random::new(seed ^ number);
                    let locks = &locks;
                    scope.spawn(move || {
                        let mut added = 0;
                        for round in 0..ROUNDS {
                            step(format!("{number} in round {round}"));
                            let wanted = random.below(1 << NAMES.len());
                            let mut held: Vec<_> = (0..NAMES.len())
                                .filter(|at| wanted >> at & 1 == 1)
                                .map(|at| locks[at].lock().unwrap())
                                .collect();
                            for value in &mut held {
                                **value += 1;
                            }
                            added += held.len() as u64;
                        }
                        added
                    })
                })
                .collect();
            threads.into_iter().map(|it| it.join().unwrap()).sum()
        });
        let values = locks.map(|lock| lock.into_inner().unwrap());
        assert_eq!(values.iter().sum::<u64>(), added);
    });
}

/// Without a detector this would end in a deadlock sooner or later. With it, those are told
/// whose order came second, and the rest go on.
#[test]
#[cfg(debug_assertions)]
fn both_orders_at_once_are_told_and_nobody_hangs() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::{Barrier, PoisonError};

    within(LIMIT, || {
        let (one, two) = (
            OrderedMutex::new("one", 0_u64),
            OrderedMutex::new("two", 0_u64),
        );
        let meet = Barrier::new(THREADS as usize);
        let take = |first: &OrderedMutex<u64>, second: &OrderedMutex<u64>| {
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            thread::yield_now();
            let mut second = second.lock().unwrap_or_else(PoisonError::into_inner);
            (*first, *second) = (*first + 1, *second + 1);
        };
        let told: Vec<bool> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|number| {
                    let (one, two, meet) = (&one, &two, &meet);
                    scope.spawn(move || {
                        meet.wait();
                        step(format!("{number} takes both"));
                        let run = || match number % 8 {
                            0 => take(two, one),
                            _ => take(one, two),
                        };
                        catch_unwind(AssertUnwindSafe(run)).is_err()
                    })
                })
                .collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        // Whoever was first has made the order: all of the others were told, and nobody else.
        let by_order = |told_of: u64| {
            let of = (0..THREADS).filter(|it| u64::from(it % 8 != 0) == told_of);
            of.map(|it| told[it as usize]).collect::<Vec<_>>()
        };
        let (second_first, first_first) = (by_order(0), by_order(1));
        let all = |told: &[bool], expected| told.iter().all(|it| *it == expected);
        assert!(
            all(&second_first, true) && all(&first_first, false)
                || all(&second_first, false) && all(&first_first, true),
            "{told:?}"
        );
        let done = told.iter().filter(|told| !**told).count() as u64;
        let values = [one, two]
            .map(|lock| lock.into_inner().unwrap_or_else(PoisonError::into_inner));
        assert_eq!(values, [done; 2]);
    });
}
