//! Stress for `Once` and `OnceLock`: 64 threads that all want to be the first, and runs that
//! panic.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/sync/once/models.rs` try them all, with fewer threads.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::sync::{Barrier, Once, OnceLock};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: u64 = 64;

#[test]
fn the_first_one_that_does_not_panic_makes_it() {
    const ROUNDS: usize = 100;
    let seed = seed("the_first_one_that_does_not_panic_makes_it");
    within(LIMIT, || {
        let cells: Vec<OnceLock<String>> =
            (0..ROUNDS).map(|_| OnceLock::new()).collect();
        let meet = Barrier::new(THREADS as usize);
        let made = AtomicU64::new(0);
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (cells, meet, made) = (&cells, &meet, &made);
                let mut random = Random::new(seed ^ number);
                scope.spawn(move || {
                    for (round, cell) in cells.iter().enumerate() {
                        step(format!("{number} in round {round}"));
                        meet.wait();
                        let fails = random.below(4) == 0;
                        let value = panic::catch_unwind(AssertUnwindSafe(|| {
                            cell.get_or_init(|| {
                                if fails {
                                    panic::resume_unwind(Box::new("planned"));
                                }
                                // ORDERING: Relaxed. Read when all have been joined.
                                made.fetch_add(1, Relaxed);
                                format!("value {round}")
                            })
                        }));
                        if let Ok(value) = value {
                            assert_eq!(*value, format!("value {round}"));
                        }
                    }
                });
            }
        });
        let set = cells.iter().filter(|cell| cell.get().is_some()).count() as u64;
        assert_eq!(made.into_inner(), set, "a value was made twice");
    });
}

#[test]
fn some_call_some_wait_and_some_force() {
    const ROUNDS: usize = 100;
    let seed = seed("some_call_some_wait_and_some_force");
    within(LIMIT, || {
        let onces: Vec<(Once, AtomicU64)> = (0..ROUNDS)
            .map(|_| (Once::new(), AtomicU64::new(0)))
            .collect();
        thread::scope(|scope| {
            for number in 0..THREADS {
                let onces = &onces;
                let mut random = Random::new(seed ^ number);
                scope.spawn(move || {
                    for (round, (once, runs)) in onces.iter().enumerate() {
                        step(format!("{number} in round {round}"));
                        // ORDERING: Relaxed, here and below: `once` orders it.
                        let run = || _ = runs.fetch_add(1, Relaxed);
                        // The first thread always calls, so that nobody waits in vain.
                        match random.below(3) {
                            0 if number > 0 => once.wait(),
                            1 if number > 0 => once.wait_force(),
                            2 => once.call_once_force(|_| run()),
                            _ => once.call_once(run),
                        }
                        // ORDERING: as above.
                        assert_eq!(runs.load(Relaxed), 1);
                    }
                });
            }
        });
    });
}
