//! Property: the two halves of a `join` run at the same time if a worker is idle. They
//! wait for each other, so that one after the other would never end: whoever pushes the
//! second half must not miss a worker that is about to sleep.

use std::sync::Barrier;
use std::time::Duration;
use threadbare::pool::ThreadPool;
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn two_halves_meet() {
    within(LIMIT, || {
        for threads in [2, 3, 8] {
            let pool = ThreadPool::new(threads);
            for round in 0..2_000 {
                step(format!("{threads} threads, round {round}"));
                let barrier = Barrier::new(2);
                pool.join(|| _ = barrier.wait(), || _ = barrier.wait());
            }
        }
    });
}

/// Many rounds within one job, so that the other worker is asleep at times, and at times is
/// about to be.
#[test]
fn two_halves_meet_while_the_other_goes_to_sleep() {
    within(LIMIT, || {
        let pool = ThreadPool::new(2);
        pool.install(|| {
            for round in 0..5_000_u32 {
                step(format!("round {round}"));
                let barrier = Barrier::new(2);
                pool.join(|| _ = barrier.wait(), || _ = barrier.wait());
                for _ in 0..(round % 64) * 16 {
                    std::hint::spin_loop();
                }
            }
        });
    });
}

/// Joins in both halves of a join: four meet.
#[test]
fn four_quarters_meet() {
    within(LIMIT, || {
        let pool = ThreadPool::new(4);
        for round in 0..1_000 {
            step(format!("round {round}"));
            let barrier = Barrier::new(4);
            let meet = || _ = barrier.wait();
            let half = || {
                let ((), ()) = pool.join(meet, meet);
            };
            pool.join(half, half);
        }
    });
}
