//! Graders of 02.6 under the model checker: two and three philosophers in every order.

#![allow(unsafe_code, reason = "what a fork protects is plain memory")]

#[path = "../common/sleeps.rs"]
mod sleeps;

use std::time::Duration;

use explorer::ground::Named as _;
use explorer::ground::cell::UnsafeCell;
use explorer::ground::sync::{Arc, Barrier};
use explorer::ground::thread::{self, JoinHandle};
use explorer::{Kind, Model};

use super::on_model::answer::Table;

grading::graders![
    who_waits_sleeps,
    everybody_eats_alone,
    two_at_a_table_for_two,
    three_at_a_table_for_three,
    who_shares_no_fork_eats_at_the_same_time,
    who_shares_no_fork_eats_at_the_same_time_on_the_other_side,
    both_neighbours_of_a_meal_eat_after_it,
    after_a_panic_the_neighbour_eats,
    three_at_a_table_for_four,
];

/// The right ones take a tenth of a second; see `who_waits_sleeps` for those without end.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    without_hints(name)
        .hint(
            Kind::Deadlock,
            "write down which fork each of them holds and which one it waits for: where in \
             the circle does somebody hold a higher number and wait for a lower one?",
        )
        .hint(
            Kind::Livelock,
            "a fork that is put down and taken again gets nobody any further: whoever waits \
             for one should sleep until it is there",
        )
        .hint(
            Kind::DataRace,
            "two neighbours used the fork between them at the same time: is it held until \
             the meal is over?",
        )
        .hint(
            Kind::Assertion,
            "if a lock is poisoned: somebody panicked while it held the fork, and there is \
             nothing in a fork that could be half done",
        )
}

fn without_hints(name: &str) -> Model {
    Model::new(name).time(SEARCH_LIMIT).steps(500)
}

/// A table, and plain memory for each of its forks: only who holds the fork may use it.
struct Room {
    table: Table,
    forks: Vec<UnsafeCell<u32>>,
}

// SAFETY: each of `forks` is used only in the meals of the two seats beside it, which
// exclude each other if the table is right. If it is not, the explorer says so before
// anything is read.
unsafe impl Sync for Room {}

impl Room {
    fn new(seats: usize) -> Arc<Self> {
        let names = ["fork 0", "fork 1", "fork 2", "fork 3"];
        Arc::new(Self {
            table: Table::new(seats),
            forks: names[..seats]
                .iter()
                .map(|name| UnsafeCell::new(0).named(name))
                .collect(),
        })
    }

    /// Dines at `seat`, and calls `also` during the meal.
    fn dine(&self, seat: usize, also: impl FnOnce()) {
        let mut meals = 0;
        self.table.dine(seat, || {
            meals += 1;
            for fork in [seat, (seat + 1) % self.forks.len()] {
                // SAFETY: the seat's two forks are held.
                self.forks[fork].with_mut(|uses| unsafe { *uses += 1 });
            }
            also();
        });
        assert!(meals == 1, "dine at seat {seat} called eat {meals} times");
    }
}

fn start(
    room: &Arc<Room>,
    seat: usize,
    also: impl FnOnce() + Send + 'static,
) -> JoinHandle<()> {
    let room = Arc::clone(room);
    thread::spawn(move || room.dine(seat, also))
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a philosopher whose right fork is taken", || {
        let room = Room::new(3);
        room.dine(1, || start(&room, 0, || ()).join().unwrap());
    });
    sleeps::must_sleep("a philosopher whose left fork is taken", || {
        let room = Room::new(3);
        room.dine(0, || start(&room, 1, || ()).join().unwrap());
    });
}

fn everybody_eats_alone() {
    model("one after the other").check(|| {
        let room = Room::new(3);
        for seat in [0, 1, 2, 0] {
            room.dine(seat, || ());
        }
    });
}

/// Seats 0, 1 ... of a table; the thread that asks sits on the first one.
fn sit_down(seats: usize, philosophers: usize) {
    let room = Room::new(seats);
    let others: Vec<_> = (1..philosophers)
        .map(|seat| start(&room, seat, || ()))
        .collect();
    room.dine(0, || ());
    for other in others {
        other.join().unwrap();
    }
}

fn two_at_a_table_for_two() {
    model("two at a table for two").check(|| sit_down(2, 2));
}

fn three_at_a_table_for_three() {
    model("three at a table for three").check(|| sit_down(3, 3));
}

fn three_at_a_table_for_four() {
    model("three at a table for four").check(|| sit_down(4, 3));
}

/// Each waits during its meal for the other one's.
fn eat_together(one: usize, other: usize) {
    let name = format!("seats {one} and {other} of four meet while they eat");
    without_hints(&name)
        .hint(
            Kind::Deadlock,
            "the two share no fork, and yet one of them does not begin to eat before the \
             other has ended: which lock do they share?",
        )
        .check(move || {
            let room = Room::new(4);
            let both = Arc::new(Barrier::new(2).named("both are eating"));
            let meets = Arc::clone(&both);
            let neighbour = start(&room, other, move || {
                meets.wait();
            });
            room.dine(one, || {
                both.wait();
            });
            neighbour.join().unwrap();
        });
}

fn who_shares_no_fork_eats_at_the_same_time() {
    eat_together(0, 2);
}

fn who_shares_no_fork_eats_at_the_same_time_on_the_other_side() {
    eat_together(1, 3);
}

/// Both wait for the one that eats, share no fork, and meet.
fn both_neighbours_of_a_meal_eat_after_it() {
    let model = without_hints(
        "seat 0 of four eats, and the two beside it wait, and then meet while they eat",
    );
    let woken = "the meal of seat 0 keeps two others waiting, and when it is over both \
                 can eat: are both woken?";
    model
        .hint(Kind::Deadlock, woken)
        .hint(Kind::LostWakeUp, woken)
        .check(|| {
            let room = Room::new(4);
            let both = Arc::new(Barrier::new(2).named("both are eating"));
            let mut neighbours = None;
            room.dine(0, || {
                neighbours = Some([1, 3].map(|seat| {
                    let meets = Arc::clone(&both);
                    start(&room, seat, move || {
                        meets.wait();
                    })
                }));
            });
            for neighbour in neighbours.into_iter().flatten() {
                neighbour.join().unwrap();
            }
        });
}

fn after_a_panic_the_neighbour_eats() {
    model("a philosopher panics while it eats, and both neighbours want to eat")
        .check(|| {
            let room = Room::new(3);
            let choked =
                start(&room, 1, || grading::planned_panic("a bone in the fish"));
            room.dine(0, || ());
            assert!(
                choked.join().is_err(),
                "eat panicked, and dine returned as if nothing had happened"
            );
            room.dine(2, || ());
            room.dine(1, || ());
        });
}
