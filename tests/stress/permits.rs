//! Stress for `sync::Semaphore`: 64 threads, some of which want one permit, some several,
//! and some give up.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/sync/semaphore/models.rs` try them all, with fewer threads.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: u64 = 64;
const ROUNDS: usize = 500;

macro_rules! stress {
    ($($version:ident)*) => { $(
        mod $version {
            use super::*;
            use threadbare::sync::semaphore::$version::{Permit, Semaphore};

            /// Takes permits in one of the four ways.
            fn acquire<'a>(
                semaphore: &'a Semaphore,
                all: usize,
                random: &mut Random,
            ) -> Option<Permit<'a>> {
                match random.below(4) {
                    0 => Some(semaphore.acquire()),
                    1 => {
                        let many = 1 + random.below(all as u64) as usize;
                        Some(semaphore.acquire_many(many))
                    }
                    2 => semaphore.try_acquire(),
                    _ => {
                        let limit = Duration::from_micros(random.below(30));
                        semaphore.acquire_timeout(limit).ok()
                    }
                }
            }

            #[test]
            fn all_permits_come_back_however_they_are_taken() {
                let seed = seed(concat!("permits::", stringify!($version)));
                for permits in [1, 3, 16] {
                    within(LIMIT, || {
                        let (semaphore, held) =
                            (Semaphore::new(permits), AtomicUsize::new(0));
                        thread::scope(|scope| {
                            for number in 0..THREADS {
                                let (semaphore, held) = (&semaphore, &held);
                                let mut random = Random::new(seed ^ number);
                                scope.spawn(move || {
                                    for round in 0..ROUNDS {
                                        step(format!("{number}, {permits}: {round}"));
                                        let permit =
                                            acquire(semaphore, permits, &mut random);
                                        if let Some(permit) = permit {
                                            hold(permit.count(), permits, held);
                                        }
                                    }
                                });
                            }
                        });
                        assert_eq!(semaphore.available(), permits);
                    });
                }
            }
        }
    )* };
}
stress!(v1_one_word v2_counted);

/// Holds so many of them for a moment.
fn hold(count: usize, permits: usize, held: &AtomicUsize) {
    // ORDERING: Relaxed. Only the count matters.
    let others = held.fetch_add(count, Relaxed);
    assert!(others + count <= permits, "more are held than there are");
    // ORDERING: Relaxed, as above.
    held.fetch_sub(count, Relaxed);
}
