//! Stress for `Barrier`: 64 threads, round after round.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/sync/barrier/models.rs` try them all, with fewer threads.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::sync::Barrier;
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: usize = 64;
const ROUNDS: usize = 500;

#[test]
fn all_are_in_the_same_round() {
    let seed = seed("all_are_in_the_same_round");
    within(LIMIT, || {
        let (barrier, led) = (Barrier::new(THREADS), AtomicUsize::new(0));
        let pages: Vec<AtomicUsize> =
            (0..THREADS).map(|_| AtomicUsize::new(0)).collect();
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (barrier, led, pages) = (&barrier, &led, &pages);
                let mut random = Random::new(seed ^ number as u64);
                scope.spawn(move || {
                    for round in 1..=ROUNDS {
                        step(format!("{number} in round {round}"));
                        // ORDERING: Relaxed, here and below: the barrier orders it.
                        pages[number].store(round, Relaxed);
                        let leads = barrier.wait().is_leader();
                        let other = random.below(THREADS as u64) as usize;
                        // ORDERING: as above.
                        let theirs = pages[other].load(Relaxed);
                        assert!(theirs == round || theirs == round + 1);
                        // ORDERING: as above.
                        led.fetch_add(usize::from(leads), Relaxed);
                    }
                });
            }
        });
        assert_eq!(led.into_inner(), ROUNDS, "one leads in each round");
    });
}

/// A barrier for seven, and sixty-three who come when they like.
#[test]
fn whoever_comes_meets_somebody() {
    const SIZE: usize = 7;
    within(LIMIT, || {
        let (barrier, led) = (Barrier::new(SIZE), AtomicUsize::new(0));
        let drawn = AtomicUsize::new(0);
        thread::scope(|scope| {
            for number in 0..THREADS - 1 {
                let (barrier, led, drawn) = (&barrier, &led, &drawn);
                scope.spawn(move || {
                    // ORDERING: Relaxed, here and below. Only the numbers matter.
                    while drawn.fetch_add(1, Relaxed) < SIZE * ROUNDS {
                        step(format!("{number} waits for any six"));
                        let leads = barrier.wait().is_leader();
                        // ORDERING: as above.
                        led.fetch_add(usize::from(leads), Relaxed);
                    }
                });
            }
        });
        assert_eq!(led.into_inner(), ROUNDS, "one of seven leads");
    });
}
