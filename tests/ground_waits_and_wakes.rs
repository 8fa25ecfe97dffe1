//! Property: on the real ground no wake-up is lost, a wait does not outlive its limit, and
//! the two ways to wait for a word agree.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use threadbare::futex::elsewhere;
use threadbare::ground::os::WakeCell;
use threadbare::ground::{Static, futex};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(5);

struct Futex {
    wait: fn(&AtomicU32, u32),
    wait_timeout: fn(&AtomicU32, u32, Duration) -> bool,
    wake_one: fn(&AtomicU32),
    wake_all: fn(&AtomicU32),
}

const BOTH: [Futex; 2] = [
    Futex {
        wait: futex::wait,
        wait_timeout: futex::wait_timeout,
        wake_one: futex::wake_one,
        wake_all: futex::wake_all,
    },
    Futex {
        wait: elsewhere::wait,
        wait_timeout: elsewhere::wait_timeout,
        wake_one: elsewhere::wake_one,
        wake_all: elsewhere::wake_all,
    },
];

#[test]
fn another_value_is_not_waited_for() {
    within(LIMIT, || {
        for futex in BOTH {
            let word = AtomicU32::new(1);
            (futex.wait)(&word, 0);
            assert!((futex.wait_timeout)(&word, 0, LONG));
            assert!((futex.wait_timeout)(&word, 0, Duration::MAX));
        }
    });
}

#[test]
fn time_is_up_at_the_limit_and_not_before() {
    within(LIMIT, || {
        for futex in BOTH {
            let word = AtomicU32::new(0);
            assert!(!(futex.wait_timeout)(&word, 0, Duration::ZERO));
            let start = Instant::now();
            // A wake-up for no reason is allowed.
            while (futex.wait_timeout)(&word, 0, SHORT) {}
            assert!(start.elapsed() >= SHORT);
        }
    });
}

/// Two threads take turns, each changing the word and waking the other: one lost wake-up
/// and they sleep for ever.
#[test]
fn every_wake_up_arrives() {
    const TURNS: u32 = 20_000;
    within(LIMIT, || {
        for futex in &BOTH {
            for timed in [false, true] {
                let word = AtomicU32::new(0);
                let play = |mine: u32| {
                    for turn in (mine..TURNS).step_by(2) {
                        step(format!("waiting for turn {turn}"));
                        loop {
                            // ORDERING: Acquire. Pairs with the store of the turn
                            // before, in `every_wake_up_arrives`.
                            let now = word.load(Acquire);
                            if now == turn {
                                break;
                            }
                            if timed {
                                (futex.wait_timeout)(&word, now, LONG);
                            } else {
                                (futex.wait)(&word, now);
                            }
                        }
                        // ORDERING: Release. Pairs with the load above, in
                        // `every_wake_up_arrives`.
                        word.store(turn + 1, Release);
                        (futex.wake_one)(&word);
                    }
                };
                thread::scope(|scope| {
                    scope.spawn(|| play(0));
                    scope.spawn(|| play(1));
                });
            }
        }
    });
}

#[test]
fn wake_all_wakes_all() {
    within(LIMIT, || {
        for futex in &BOTH {
            let (word, arrived) = (AtomicU32::new(0), Barrier::new(5));
            thread::scope(|scope| {
                for number in 0..4 {
                    let (word, arrived) = (&word, &arrived);
                    scope.spawn(move || {
                        arrived.wait();
                        step("waiting for the word to change");
                        // ORDERING: Acquire. Pairs with the store in
                        // `wake_all_wakes_all`.
                        while word.load(Acquire) == 0 {
                            if number % 2 == 0 {
                                (futex.wait)(word, 0);
                            } else {
                                (futex.wait_timeout)(word, 0, LONG);
                            }
                        }
                    });
                }
                // They are on their way to sleep, or there.
                arrived.wait();
                // ORDERING: Release. Pairs with the load in
                // `wake_all_wakes_all`.
                word.store(1, Release);
                (futex.wake_all)(&word);
            });
        }
    });
}

#[test]
fn a_wake_cell_keeps_what_was_added() {
    const ADDED: u64 = 10_000;
    static CELL: Static<WakeCell> = Static::new(WakeCell::new);
    within(LIMIT, || {
        assert_eq!(CELL.wait_timeout(SHORT), None);
        CELL.add(u64::MAX);
        CELL.wake();
        assert_eq!(CELL.wait_timeout(LONG), Some(u64::MAX));
        let adder = thread::spawn(|| (0..ADDED).for_each(|_| CELL.wake()));
        let mut sum = 0;
        while sum < ADDED {
            step(format!("waiting with {sum} of {ADDED}"));
            sum += CELL.wait();
        }
        adder.join().unwrap();
        assert_eq!((sum, CELL.wait_timeout(Duration::ZERO)), (ADDED, None));
    });
}

/// Any number of waiters, of which each wake-up releases at least one.
#[test]
fn a_wake_cell_wakes_one_waiter_for_each_addition_at_least() {
    within(LIMIT, || {
        let cell = Arc::new(WakeCell::new());
        let waiters = [(); 3].map(|()| {
            let cell = Arc::clone(&cell);
            thread::spawn(move || {
                step("waiting for the cell");
                cell.wait()
            })
        });
        for waiter in waiters {
            while !waiter.is_finished() {
                cell.wake();
                thread::yield_now();
            }
            assert!(waiter.join().unwrap() > 0);
        }
    });
}
