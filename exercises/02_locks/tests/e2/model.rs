//! Graders of 02.2 under the model checker: two and three threads at a shelf, in every
//! order, with wake-ups for no reason.

#[path = "../common/sleeps.rs"]
mod sleeps;

use std::time::Duration;

use explorer::ground::sync::Arc;
use explorer::ground::thread::{self, JoinHandle};
use explorer::{Kind, Model};

use super::on_model::answer::Shelf;

grading::graders![
    who_waits_sleeps,
    a_customer_gets_a_loaf,
    a_shelf_has_so_many_places,
    loaves_are_taken_in_order,
    two_loaves_are_for_two_customers,
    two_customers_come_for_two_loaves_in_turn,
    all_that_is_taken_is_room_for_two,
    two_places_are_for_two_bakers,
    what_is_left_is_room_as_well,
    two_bakers_share_one_place,
];

/// The right ones take a tenth of a second; see `who_waits_sleeps` for those without end.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    let sleeps = "look for the last notification before the thread went to sleep for good, \
                  and for the first thing that happened afterwards for which it waits: who \
                  did that, and whom did it wake?";
    let woken = "between a wake-up and the lock another thread may come first, and a \
                 sleeper may wake for no reason: who is woken has been promised nothing";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
        .hint(Kind::Assertion, woken)
}

fn shelf(places: usize, loaves: u32) -> Arc<Shelf<u32>> {
    let shelf = Arc::new(Shelf::new(places));
    for loaf in 1..=loaves {
        shelf.put(loaf);
    }
    shelf
}

fn start<T: Send + 'static>(
    shelf: &Arc<Shelf<u32>>,
    what: impl FnOnce(&Shelf<u32>) -> T + Send + 'static,
) -> JoinHandle<T> {
    let shelf = Arc::clone(shelf);
    thread::spawn(move || what(&shelf))
}

fn who_waits_sleeps() {
    sleeps::must_sleep("take from an empty shelf", || {
        shelf(1, 0).take();
    });
    sleeps::must_sleep("put on a full shelf", || {
        shelf(1, 1).put(2);
    });
}

fn a_customer_gets_a_loaf() {
    model("a baker puts a loaf while a customer takes one").check(|| {
        let shelf = shelf(1, 0);
        let baker = start(&shelf, |shelf| shelf.put(7));
        let got = shelf.take();
        assert!(got == 7, "loaf 7 was put, but take gave {got}");
        baker.join().unwrap();
    });
}

fn a_shelf_has_so_many_places() {
    model("a baker puts a loaf on a full shelf, and all is taken").check(|| {
        let shelf = shelf(1, 1);
        let baker = start(&shelf, |shelf| shelf.put(2));
        let first = shelf.take_all();
        assert!(
            first == [1],
            "a shelf with one place had the loaves {first:?} on it, where it can only \
             have had loaf 1"
        );
        baker.join().unwrap();
        let second = shelf.take_all();
        assert!(
            second == [2],
            "loaf 2 was put when there was room, and then the loaves {second:?} were \
             there"
        );
    });
}

fn loaves_are_taken_in_order() {
    model("a baker puts two loaves while a customer takes two").check(|| {
        let shelf = shelf(1, 0);
        let baker = start(&shelf, |shelf| {
            shelf.put(1);
            shelf.put(2);
        });
        let got = [shelf.take(), shelf.take()];
        assert!(
            got == [1, 2],
            "the loaves 1 and 2 were put in that order, but take gave {got:?}"
        );
        baker.join().unwrap();
    });
}

/// Neither may sleep while there is bread.
fn two_loaves_are_for_two_customers() {
    model("two customers, and two loaves that are put one after the other").check(
        || {
            let shelf = shelf(2, 0);
            let customers = [(); 2].map(|()| start(&shelf, Shelf::take));
            shelf.put(1);
            shelf.put(2);
            let mut got = customers.map(|customer| customer.join().unwrap());
            got.sort_unstable();
            assert!(
                got == [1, 2],
                "the loaves 1 and 2 were put, but two customers took {got:?}"
            );
        },
    );
}

/// Through one place, so that the baker sleeps as well.
fn two_customers_come_for_two_loaves_in_turn() {
    model("two customers, and two loaves that are put into one place").check(|| {
        let shelf = shelf(1, 0);
        let customers = [(); 2].map(|()| start(&shelf, Shelf::take));
        shelf.put(1);
        shelf.put(2);
        let mut got = customers.map(|customer| customer.join().unwrap());
        got.sort_unstable();
        assert!(
            got == [1, 2],
            "the loaves 1 and 2 were put, but two customers took {got:?}"
        );
    });
}

/// Nobody may sleep while there is room.
fn all_that_is_taken_is_room_for_two() {
    model("two bakers wait at a full shelf, and all is taken").check(|| {
        let shelf = shelf(2, 2);
        let bakers = [3, 4].map(|loaf| start(&shelf, move |shelf| shelf.put(loaf)));
        let taken = shelf.take_all();
        assert!(
            taken == [1, 2],
            "the loaves 1 and 2 were on a shelf with two places, but take_all gave \
             {taken:?}"
        );
        for baker in bakers {
            baker.join().unwrap();
        }
        let mut rest = shelf.take_all();
        rest.sort_unstable();
        assert!(
            rest == [3, 4],
            "the loaves 3 and 4 were put after all had been taken, but take_all gave \
             {rest:?}"
        );
    });
}

/// The second take does not find the shelf full, and makes room for somebody all the same.
fn two_places_are_for_two_bakers() {
    model(
        "two bakers wait at a full shelf with two places, and two loaves are taken",
    )
    .check(|| {
        let shelf = shelf(2, 2);
        let bakers = [3, 4].map(|loaf| start(&shelf, move |shelf| shelf.put(loaf)));
        let got = [shelf.take(), shelf.take()];
        assert!(
            got == [1, 2],
            "the loaves 1 and 2 were the oldest, but take gave {got:?}"
        );
        for baker in bakers {
            baker.join().unwrap();
        }
    });
}

/// `take_all` does not find the shelf full, and makes room for somebody all the same.
fn what_is_left_is_room_as_well() {
    model(
        "two bakers wait at a full shelf; one loaf is taken, and then all of them",
    )
    .check(|| {
        let shelf = shelf(2, 2);
        let bakers = [3, 4].map(|loaf| start(&shelf, move |shelf| shelf.put(loaf)));
        let first = shelf.take();
        assert!(first == 1, "loaf 1 was the oldest, but take gave {first}");
        let taken = shelf.take_all();
        assert!(
            taken.first() == Some(&2),
            "loaf 2 was the oldest of those that were left, but take_all gave \
                 {taken:?}"
        );
        for baker in bakers {
            baker.join().unwrap();
        }
    });
}

/// One of them is first, and the other must be woken again.
fn two_bakers_share_one_place() {
    model("two bakers and one place, and a customer who takes two").check(|| {
        let shelf = shelf(1, 0);
        let bakers = [1, 2].map(|loaf| start(&shelf, move |shelf| shelf.put(loaf)));
        let mut got = [shelf.take(), shelf.take()];
        got.sort_unstable();
        assert!(
            got == [1, 2],
            "the loaves 1 and 2 were put, but take gave {got:?}"
        );
        for baker in bakers {
            baker.join().unwrap();
        }
    });
}
