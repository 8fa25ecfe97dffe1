//! Stress for `Signal`: many who notify, tokens that were meant for nobody, and a shutdown
//! at a random moment.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/atomic/signal/models.rs` try them all, with fewer notifications.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::atomic::{Signal, Woken};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const ROUNDS: u64 = 300;
const POSTS: u64 = 100;

#[test]
fn all_that_was_posted_before_the_end_is_seen() {
    let seed = seed("all_that_was_posted_before_the_end_is_seen");
    within(LIMIT, || {
        for round in 0..ROUNDS {
            let (signal, posted) = (Signal::new(), AtomicU64::new(0));
            thread::scope(|scope| {
                let me = thread::current();
                let posters = [0, 1].map(|number| {
                    let mut random = Random::new(seed ^ (2 * round + number));
                    let (signal, posted, me) = (&signal, &posted, me.clone());
                    scope.spawn(move || {
                        for n in 0..POSTS {
                            step(format!("round {round}, post {n} of {number}"));
                            // ORDERING: Relaxed. The signal orders it.
                            posted.fetch_add(1, Relaxed);
                            signal.notify();
                            match random.below(20) {
                                0 => me.unpark(),
                                1 => thread::yield_now(),
                                _ => {}
                            }
                        }
                    })
                });
                let signal = &signal;
                scope.spawn(move || {
                    for poster in posters {
                        poster.join().unwrap();
                    }
                    step("shutting down");
                    signal.shutdown();
                    signal.notify();
                });
                let mut last = 0;
                loop {
                    step(format!("round {round}, waiting"));
                    let woken = signal.wait();
                    // ORDERING: Relaxed. The signal orders it.
                    let now = posted.load(Relaxed);
                    match woken {
                        Woken::Notified => {
                            assert!(now >= last.max(1), "{last}, then {now}");
                            last = now;
                        }
                        Woken::Shutdown => {
                            assert_eq!(now, 2 * POSTS);
                            break;
                        }
                    }
                }
                assert_eq!(signal.wait(), Woken::Shutdown);
            });
        }
    });
}

/// The narrowest place: one post at a time, so that the waiter is always on its way to
/// sleep.
#[test]
fn no_notification_is_lost_on_the_way_to_sleep() {
    const MEETINGS: u64 = 20_000;
    let seed = seed("no_notification_is_lost_on_the_way_to_sleep");
    within(LIMIT, || {
        let (ping, pong) = (Signal::new(), Signal::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut random = Random::new(!seed);
                step("waiting for pings");
                while ping.wait() == Woken::Notified {
                    (0..random.below(200)).for_each(|_| std::hint::spin_loop());
                    pong.notify();
                }
            });
            let mut random = Random::new(seed);
            for meeting in 0..MEETINGS {
                step(format!("meeting {meeting}"));
                ping.notify();
                (0..random.below(200)).for_each(|_| std::hint::spin_loop());
                assert_eq!(pong.wait(), Woken::Notified);
            }
            ping.shutdown();
        });
    });
}
