//! Stress for `Semaphore` and what stands on it: some want one permit, some several, some
//! give up.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! model in `src/locks/semaphore/models.rs` tries them all, with fewer threads.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::locks::{Permit, Semaphore};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: u64 = 4;
const ROUNDS: usize = 5_000;

/// Takes permits in one of the four ways, and says how many.
fn acquire<'a>(
    semaphore: &'a Semaphore,
    all: usize,
    random: &mut Random,
) -> Option<(Permit<'a>, usize)> {
    let many = 1 + random.below(all as u64) as usize;
    match random.below(4) {
        0 => Some((semaphore.acquire(), 1)),
        1 => Some((semaphore.acquire_many(many), many)),
        2 => Some((semaphore.try_acquire()?, 1)),
        _ => {
            let limit = Duration::from_micros(random.below(30));
            Some((semaphore.acquire_timeout(limit).ok()?, 1))
        }
    }
}

#[test]
fn all_permits_come_back_however_they_are_taken() {
    let seed = seed("all_permits_come_back_however_they_are_taken");
    within(LIMIT, || {
        for permits in 1..=3 {
            let semaphore = Semaphore::new(permits);
            let held = AtomicUsize::new(0);
            thread::scope(|scope| {
                for number in 0..THREADS {
                    let (semaphore, held) = (&semaphore, &held);
                    let mut random = Random::new(seed ^ number);
                    scope.spawn(move || {
                        for round in 0..ROUNDS {
                            step(format!("{number} of {permits}, round {round}"));
                            let Some((permit, count)) =
                                acquire(semaphore, permits, &mut random)
                            else {
                                continue;
                            };
                            // ORDERING: Relaxed. Only the count matters.
                            let others = held.fetch_add(count, Relaxed);
                            assert!(others + count <= permits, "too many are held");
                            // ORDERING: Relaxed, as above.
                            held.fetch_sub(count, Relaxed);
                            if random.below(2) == 0 {
                                drop(permit);
                            } else {
                                permit.forget();
                                semaphore.add_permits(count);
                            }
                        }
                    });
                }
            });
            assert_eq!(semaphore.available(), permits);
        }
    });
}
