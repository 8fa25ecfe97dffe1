//! Stress for `Event`: 64 threads wait, and some give up.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/sync/event/models.rs` try them all, with fewer threads.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::sync::Event;
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: u64 = 64;
const TICKETS: u64 = 10_000;

/// One ticket at a time is put down, and the next when it has been taken: each is taken by
/// one, although most of those who wait give up again and again.
#[test]
fn each_ticket_is_taken_once() {
    let seed = seed("each_ticket_is_taken_once");
    within(LIMIT, || {
        let (ticket, taken) = (Event::auto_reset(), Event::auto_reset());
        let count = AtomicU64::new(0);
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (ticket, taken, count) = (&ticket, &taken, &count);
                let mut random = Random::new(seed ^ number);
                scope.spawn(move || {
                    // ORDERING: Relaxed, here and below. Only the count matters.
                    while count.load(Relaxed) < TICKETS {
                        step(format!("{number} waits for a ticket"));
                        let limit = Duration::from_micros(random.below(200));
                        if ticket.wait_timeout(limit) {
                            // ORDERING: as above.
                            count.fetch_add(1, Relaxed);
                            taken.set();
                        }
                    }
                });
            }
            for n in 1..=TICKETS {
                step(format!("ticket {n}"));
                ticket.set();
                taken.wait();
                // ORDERING: as above.
                assert_eq!(count.load(Relaxed), n, "a ticket was taken twice");
            }
        });
        assert!(!ticket.is_set() && !taken.is_set());
    });
}

/// A gate is opened and closed, time and again. Whoever has waited since before it was
/// opened goes through.
#[test]
fn a_gate_lets_all_through_time_and_again() {
    const ROUNDS: u64 = 200;
    let seed = seed("a_gate_lets_all_through_time_and_again");
    within(LIMIT, || {
        let (gate, through) = (Event::manual_reset(), AtomicU64::new(0));
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (gate, through) = (&gate, &through);
                let mut random = Random::new(seed ^ number);
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        step(format!("{number} in round {round}"));
                        match random.below(3) {
                            0 => drop(gate.wait_timeout(Duration::from_micros(50))),
                            _ => gate.wait(),
                        }
                    }
                    // ORDERING: Relaxed. Only the count matters.
                    through.fetch_add(1, Relaxed);
                });
            }
            // ORDERING: Relaxed, as above.
            while through.load(Relaxed) < THREADS {
                gate.set();
                gate.reset();
                thread::yield_now();
            }
        });
    });
}
