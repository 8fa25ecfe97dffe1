//! Property: nobody leaves a `sync::Barrier` before as many have come as it is for, one of
//! them leads, and it can be used again at once.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, TryRecvError};
use std::thread;
use std::time::Duration;
use threadbare::sync::Barrier;
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn nobody_leaves_before_the_last_has_come() {
    const THREADS: usize = 10;
    within(LIMIT, || {
        let barrier = Barrier::new(THREADS);
        let (left, leaving) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 1..THREADS {
                let (barrier, left) = (&barrier, left.clone());
                scope.spawn(move || left.send(barrier.wait().is_leader()).unwrap());
            }
            assert_eq!(leaving.try_recv(), Err(TryRecvError::Empty));
            let leads = barrier.wait().is_leader();
            let others = leaving.iter().take(THREADS - 1).filter(|it| *it).count();
            assert_eq!(others + usize::from(leads), 1, "one leads");
        });
    });
}

#[test]
fn round_after_round_without_a_pause() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 2_000;
    static BARRIER: Barrier = Barrier::new(THREADS);
    within(LIMIT, || {
        let (came, led) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (came, led) = (&came, &led);
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        step(format!("{number} in round {round}"));
                        // ORDERING: Relaxed, here and below: the barrier orders it.
                        came.fetch_add(1, Relaxed);
                        let leads = BARRIER.wait().is_leader();
                        // ORDERING: as above.
                        let now = came.load(Relaxed);
                        let all = THREADS * (round + 1);
                        // The others may be in the next round, and no further.
                        assert!(
                            (all..all + THREADS).contains(&now),
                            "{now} in {round}"
                        );
                        // ORDERING: as above.
                        led.fetch_add(usize::from(leads), Relaxed);
                    }
                });
            }
        });
        assert_eq!(led.into_inner(), ROUNDS, "one leads in each round");
    });
}

/// More threads than fit into a round: any two of them make one up, and none is lost. They
/// come as long as there are numbers to draw, and there is an even number of those.
#[test]
fn those_who_do_not_fit_are_in_the_next_round() {
    const THREADS: usize = 6;
    const TIMES: usize = 6_000;
    within(LIMIT, || {
        let (barrier, led) = (Barrier::new(2), AtomicUsize::new(0));
        let drawn = AtomicUsize::new(0);
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (barrier, led, drawn) = (&barrier, &led, &drawn);
                scope.spawn(move || {
                    // ORDERING: Relaxed, here and below. Only the numbers matter.
                    while drawn.fetch_add(1, Relaxed) < TIMES {
                        step(format!("{number} waits for any other"));
                        let leads = barrier.wait().is_leader();
                        // ORDERING: as above.
                        led.fetch_add(usize::from(leads), Relaxed);
                    }
                });
            }
        });
        assert_eq!(led.into_inner(), TIMES / 2);
    });
}

#[test]
fn alone_nobody_waits() {
    for threads in [0, 1] {
        let barrier = Barrier::new(threads);
        assert!(barrier.wait().is_leader() && barrier.wait().is_leader());
        assert_eq!(format!("{barrier:?}"), "Barrier { .. }");
        assert_eq!(
            format!("{:?}", barrier.wait()),
            "BarrierWaitResult { is_leader: true }"
        );
    }
}
