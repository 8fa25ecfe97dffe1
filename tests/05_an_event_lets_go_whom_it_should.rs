//! Property: a manual-reset event lets everybody go until it is reset, an auto-reset event
//! lets one go for each set.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use threadbare::futex;
use threadbare::sync::Event;
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(1);

#[test]
fn a_gate_stays_open_until_it_is_closed() {
    static GATE: Event = Event::manual_reset();
    within(LIMIT, || {
        assert!(!GATE.is_set() && !GATE.wait_timeout(SHORT));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| GATE.wait());
            }
            GATE.set();
        });
        GATE.wait();
        assert!(GATE.is_set() && GATE.wait_timeout(Duration::ZERO));
        GATE.set();
        GATE.reset();
        GATE.reset();
        assert!(!GATE.is_set() && !GATE.wait_timeout(SHORT));
    });
}

/// Two gates, each of which is closed as soon as it has been opened. Whoever waits at one of
/// them goes on to the other. Who has come too late for an opening waits for the next: so
/// they are opened in turn until all are through.
#[test]
fn gates_that_are_closed_at_once() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 300;
    within(LIMIT, || {
        let gates = [Event::manual_reset(), Event::manual_reset()];
        let through = AtomicUsize::new(0);
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (gates, through) = (&gates, &through);
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        step(format!("{number} in round {round}"));
                        gates[round % 2].wait();
                    }
                    // ORDERING: Relaxed. Only the count matters.
                    through.fetch_add(1, Relaxed);
                });
            }
            // ORDERING: Relaxed, as above.
            while through.load(Relaxed) < THREADS {
                for gate in &gates {
                    gate.set();
                    gate.reset();
                }
                thread::yield_now();
            }
        });
    });
}

#[test]
fn one_set_lets_one_go() {
    within(LIMIT, || {
        let ticket = Event::auto_reset();
        assert!(!ticket.wait_timeout(SHORT));
        ticket.set();
        ticket.set();
        assert!(ticket.is_set() && ticket.wait_timeout(Duration::ZERO));
        assert!(!ticket.is_set() && !ticket.wait_timeout(Duration::ZERO));
        ticket.set();
        ticket.reset();
        assert!(!ticket.wait_timeout(SHORT));
    });
}

/// As many as are set, one after the other, and each time another thread.
#[test]
fn each_of_those_who_wait_gets_its_turn() {
    const THREADS: usize = 8;
    within(LIMIT, || {
        let ticket = Event::auto_reset();
        let (went, turns) = mpsc::channel();
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (ticket, went) = (&ticket, went.clone());
                scope.spawn(move || {
                    step(format!("{number} waits"));
                    ticket.wait();
                    went.send(number).unwrap();
                });
            }
            let mut turns: Vec<_> = (0..THREADS)
                .map(|_| {
                    ticket.set();
                    turns.recv().unwrap()
                })
                .collect();
            turns.sort_unstable();
            assert!(turns.into_iter().eq(0..THREADS));
        });
        assert!(!ticket.is_set());
    });
}

/// Two threads hand the turn to each other.
#[test]
fn ping_pong() {
    const ROUNDS: usize = 2_000;
    within(LIMIT, || {
        let (ping, pong) = (Event::auto_reset(), Event::auto_reset());
        let ball = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0..ROUNDS {
                    ping.wait();
                    // ORDERING: Relaxed, here and below: the events order it.
                    assert_eq!(ball.swap(2 * round + 2, Relaxed), 2 * round + 1);
                    pong.set();
                }
            });
            for round in 0..ROUNDS {
                // ORDERING: as above.
                assert_eq!(ball.swap(2 * round + 1, Relaxed), 2 * round);
                ping.set();
                pong.wait();
            }
        });
    });
}

#[test]
fn no_system_call_while_nobody_sleeps() {
    for event in [Event::auto_reset(), Event::manual_reset()] {
        let before = futex::calls();
        for _ in 0..100 {
            event.set();
            event.wait();
            event.reset();
        }
        assert_eq!(futex::calls(), before, "{event:?}");
    }
    assert_eq!(
        format!("{:?}", Event::auto_reset()),
        "Event { kind: Auto, is_set: false, .. }"
    );
}
