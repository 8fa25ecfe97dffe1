//! Stress for `Parker`: 64 threads that wake each other.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/sync/parker/models.rs` try them all, with fewer threads.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::sync::{Parker, Unparker};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: usize = 64;

/// A number goes round, each thread adds one and wakes the next.
#[test]
fn a_number_goes_round() {
    const ROUNDS: u64 = 200;
    within(LIMIT, || {
        let number = &AtomicU64::new(0);
        let parkers: Vec<Parker> = (0..THREADS).map(|_| Parker::new()).collect();
        let unparkers: Vec<Unparker> =
            parkers.iter().map(Parker::unparker).collect();
        thread::scope(|scope| {
            for (place, parker) in parkers.into_iter().enumerate() {
                let next = unparkers[(place + 1) % THREADS].clone();
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        step(format!("{place} waits in round {round}"));
                        parker.park();
                        let expected = round * THREADS as u64 + place as u64;
                        // ORDERING: Relaxed, here and below: the token orders it.
                        assert_eq!(number.load(Relaxed), expected);
                        // ORDERING: as above.
                        number.store(expected + 1, Relaxed);
                        next.unpark();
                    }
                });
            }
            unparkers[0].unpark();
        });
        // ORDERING: Relaxed. All have ended.
        assert_eq!(number.load(Relaxed), ROUNDS * THREADS as u64);
    });
}

/// 63 threads put numbers into a box, and one empties it, with a limit or without.
#[test]
fn many_wake_one() {
    const EACH: u64 = 2_000;
    let seed = seed("parker::many_wake_one");
    within(LIMIT, || {
        let (parker, sum) = (Parker::new(), AtomicU64::new(0));
        let writers = THREADS - 1;
        thread::scope(|scope| {
            for place in 0..writers {
                let (unparker, sum) = (parker.unparker(), &sum);
                let mut random = Random::new(seed ^ place as u64);
                scope.spawn(move || {
                    for n in 0..EACH {
                        step(format!("{place} at {n}"));
                        // ORDERING: Relaxed, here and below: the token orders it.
                        sum.fetch_add(1, Relaxed);
                        unparker.unpark();
                        if random.below(64) == 0 {
                            thread::yield_now();
                        }
                    }
                });
            }
            let mut random = Random::new(seed);
            // ORDERING: as above.
            while sum.load(Relaxed) < writers as u64 * EACH {
                step("waiting for the rest");
                if random.below(4) == 0 {
                    parker.park_timeout(Duration::from_micros(random.below(50)));
                } else {
                    parker.park();
                }
            }
        });
    });
}
