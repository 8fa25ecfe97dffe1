//! Graders of 02.6 on real threads: a larger table, and many meals.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use super::on_real::answer::Table;

grading::graders![three_of_six_eat_at_the_same_time, many_meals];

fn philosopher(seat: usize, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let thread = thread::Builder::new().name(format!("philosopher {seat}"));
    thread.spawn(run).expect("a grader may start a thread")
}

fn join(thread: JoinHandle<()>) {
    thread.join().expect("a panic would have ended the grader");
}

fn three_of_six_eat_at_the_same_time() {
    for first in [0, 1] {
        let table = Arc::new(Table::new(6));
        let all = Arc::new(Barrier::new(3));
        let philosophers: Vec<_> = [first, first + 2, first + 4]
            .into_iter()
            .map(|seat| {
                let (table, all) = (Arc::clone(&table), Arc::clone(&all));
                philosopher(seat, move || {
                    grading::step("taking forks that nobody else needs");
                    table.dine(seat, || {
                        grading::step("eating until all three eat");
                        all.wait();
                    });
                })
            })
            .collect();
        grading::step("waiting for three of six who share no fork to eat together");
        philosophers.into_iter().for_each(join);
    }
}

/// Five philosophers, so that there are always some who wait.
fn many_meals() {
    const SEATS: usize = 5;
    const MEALS: usize = 3_000;
    let table = Arc::new(Table::new(SEATS));
    let users: Arc<Vec<AtomicUsize>> =
        Arc::new((0..SEATS).map(|_| AtomicUsize::new(0)).collect());
    let philosophers: Vec<_> = (0..SEATS)
        .map(|seat| {
            let (table, users) = (Arc::clone(&table), Arc::clone(&users));
            philosopher(seat, move || {
                for meal in 0..MEALS {
                    grading::step(
                        "taking two forks while the neighbours want them, too: does \
                         everybody hold one and wait for the next?",
                    );
                    table.dine(seat, || {
                        let forks = [seat, (seat + 1) % SEATS];
                        for fork in forks {
                            let now = users[fork].fetch_add(1, SeqCst) + 1;
                            assert!(
                                now == 1,
                                "fork {fork} is used by {now} philosophers at the same \
                                 time"
                            );
                        }
                        if meal % 16 == 0 {
                            thread::yield_now();
                        }
                        for fork in forks {
                            users[fork].fetch_sub(1, SeqCst);
                        }
                    });
                }
            })
        })
        .collect();
    grading::step("waiting for five philosophers to have their meals");
    philosophers.into_iter().for_each(join);
}
