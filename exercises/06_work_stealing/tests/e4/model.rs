//! Graders of 06.4 under the model checker: who takes what, what goes where, and what
//! becomes of a panic.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use super::on_model::ground::Named as _;
use super::on_model::ground::atomic::{AtomicU32, Ordering::Relaxed};
use super::on_model::ground::sync::{Barrier, Condvar, Mutex};
use super::on_model::ground::time::Duration;
use ::explorer::{Kind, Model};

use super::on_model::answer::given::Crew;
use super::on_model::answer::map;

grading::graders![
    each_once_and_in_order,
    two_threads_and_fewer_items,
    two_threads_and_two_items,
    two_threads_and_three_items,
    three_threads_and_two_items,
    two_items_at_the_same_time,
    the_first_takes_long,
    any_of_them_takes_long,
    no_more_than_the_crew,
    a_result_is_dropped_once,
    one_panics_alone,
    one_panics,
    the_caller_gets_it_when_all_have_ended,
    all_panic,
];

/// The right ones take less than a second.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    let waits = "an item waits for others to be done or begun, and nobody comes to them. \
                 Who holds a lock while it calls `f`, or has items of its own that nobody \
                 else may take?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .spurious(false)
        .hint(Kind::Deadlock, waits)
        .hint(Kind::LostWakeUp, waits)
        .hint(
            Kind::DataRace,
            "two threads touch the same plain memory: has each result a place of its own, \
             and is each number given out once?",
        )
        .hint(
            Kind::Livelock,
            "whoever finds no item left is done, and need not ask again",
        )
}

#[track_caller]
fn check(model: &Model, root: impl Fn() + 'static) {
    grading::step("exploring a model");
    model.check(root);
}

const NAMES: [&str; 6] =
    ["item 0", "item 1", "item 2", "item 3", "item 4", "item 5"];

/// How often `f` was called, for each item.
struct Calls(Vec<AtomicU32>);

impl Calls {
    fn new(items: usize) -> Self {
        let names = NAMES.into_iter().take(items);
        Self(names.map(|name| AtomicU32::new(0).named(name)).collect())
    }

    fn call(&self, item: usize) {
        // ORDERING: Relaxed. A count.
        let times = self.0[item].fetch_add(1, Relaxed);
        assert!(times == 0, "f was called twice for item {item}");
    }
}

/// Maps the numbers below `items` to ten times as many, and checks what comes back.
fn times_ten(threads: usize, items: usize, f: impl Fn(usize) + Sync) {
    let calls = Calls::new(items);
    let numbers: Vec<usize> = (0..items).collect();
    let results = map(&Crew::new(threads), &numbers, |number| {
        calls.call(*number);
        f(*number);
        10 * number
    });
    let wanted: Vec<usize> = (0..items).map(|number| 10 * number).collect();
    assert!(
        results == wanted,
        "map returned {results:?}, and it should be {wanted:?}"
    );
}

fn each_once_and_in_order() {
    check(&model("a crew of one thread"), || {
        for items in 0..=6 {
            times_ten(1, items, |_| ());
        }
    });
}

fn two_threads_and_fewer_items() {
    check(
        &model("a crew of two threads, and one item or none"),
        || {
            times_ten(2, 0, |_| ());
            times_ten(2, 1, |_| ());
        },
    );
}

fn two_threads_and_two_items() {
    check(&model("a crew of two threads, and two items"), || {
        times_ten(2, 2, |_| ());
    });
}

fn two_threads_and_three_items() {
    let model = model("a crew of two threads, and three items");
    check(&model.preemptions(2), || times_ten(2, 3, |_| ()));
}

fn three_threads_and_two_items() {
    let model = model("a crew of three threads, and two items");
    check(&model.preemptions(1), || times_ten(3, 2, |_| ()));
}

fn two_items_at_the_same_time() {
    let model =
        model("a crew of two threads, and two items that wait for each other");
    check(&model, || {
        let both = Barrier::new(2).named("both have begun");
        times_ten(2, 2, |_| {
            both.wait();
        });
    });
}

/// Items of which one takes as long as all others together.
fn one_takes_long(long: usize, items: usize) {
    let done = Mutex::new(0).named("done");
    let more = Condvar::new().named("one more is done");
    times_ten(2, items, |item| {
        let mut done = done.lock().unwrap();
        if item != long {
            *done += 1;
            more.notify_one();
            return;
        }
        while *done < items - 1 {
            done = more.wait(done).unwrap();
        }
    });
}

fn the_first_takes_long() {
    let model = model("two threads; item 0 takes until the three others are done");
    check(&model.preemptions(2), || one_takes_long(0, 4));
}

fn any_of_them_takes_long() {
    for long in 1..4 {
        let name = format!(
            "two threads; item {long} takes until the three others are done"
        );
        check(&model(&name).preemptions(1), move || {
            one_takes_long(long, 4)
        });
    }
}

fn no_more_than_the_crew() {
    let model = model("how many items are begun with at the same time");
    check(&model.preemptions(2), || {
        let inside = AtomicU32::new(0).named("inside");
        times_ten(2, 3, |_| {
            // ORDERING: Relaxed, here and below. A count.
            let others = inside.fetch_add(1, Relaxed);
            assert!(
                others < 2,
                "f runs on {} threads at the same time, in a crew of 2",
                others + 1
            );
            inside.fetch_sub(1, Relaxed);
        });
    });
}

/// What became of the results.
struct Ledger {
    made: AtomicU32,
    dropped: Vec<AtomicU32>,
}

/// A result.
struct Entry<'a>(&'a Ledger, usize);

impl Ledger {
    fn new(items: usize) -> Self {
        Self {
            made: AtomicU32::new(0).named("results made"),
            dropped: Calls::new(items).0,
        }
    }

    fn entry(&self, item: usize) -> Entry<'_> {
        // ORDERING: Relaxed, here and below. A count.
        self.made.fetch_add(1, Relaxed);
        Entry(self, item)
    }

    /// How many results were made, and how many dropped.
    fn counts(&self) -> (u32, u32) {
        let dropped = self.dropped.iter().map(|it| it.load(Relaxed));
        (self.made.load(Relaxed), dropped.sum())
    }

    fn all_are_dropped(&self) {
        let (made, dropped) = self.counts();
        assert!(
            made == dropped,
            "map has panicked; {made} results had been made by then, and {dropped} of them \
             were dropped"
        );
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        // ORDERING: Relaxed. A count, which is looked at when all have ended.
        self.0.dropped[self.1].fetch_add(1, Relaxed);
    }
}

fn a_result_is_dropped_once() {
    let model = model("two threads, and results that are to be dropped");
    check(&model, || {
        let ledger = Ledger::new(2);
        let results = map(&Crew::new(2), &[0, 1], |item| ledger.entry(*item));
        let items: Vec<usize> = results.iter().map(|entry| entry.1).collect();
        assert!(
            items == [0, 1],
            "map returned the results of items {items:?}, and it should be [0, 1]"
        );
        let (_, dropped) = ledger.counts();
        assert!(
            dropped == 0,
            "map has returned, and {dropped} results are dropped"
        );
        drop(results);
        let (_, dropped) = ledger.counts();
        assert!(
            dropped == 2,
            "two results were dropped, and what they hold was dropped {dropped} times"
        );
    });
}

/// What a payload says.
fn text(payload: &(dyn Any + Send)) -> String {
    if let Some(number) = payload.downcast_ref::<u32>() {
        return format!("number {number}");
    }
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "something that is no text".to_owned())
}

/// Maps items of which some panic, with a number as the payload; which payload came out.
fn panics(threads: usize, items: usize, those: &[usize], f: impl Fn(usize) + Sync) {
    let ledger = Ledger::new(items);
    let inside = AtomicU32::new(0).named("inside");
    let numbers: Vec<usize> = (0..items).collect();
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        let results = map(&Crew::new(threads), &numbers, |item| {
            // ORDERING: Relaxed, here and below. A count.
            inside.fetch_add(1, Relaxed);
            f(*item);
            inside.fetch_sub(1, Relaxed);
            if those.contains(item) {
                grading::planned_panic(100 + *item as u32);
            }
            ledger.entry(*item)
        });
        results.len()
    }));
    let payload = match ended {
        Ok(results) => panic!(
            "f has panicked for item {}, and map returned {results} results",
            those[0]
        ),
        Err(payload) => payload,
    };
    let inside = inside.load(Relaxed);
    assert!(
        inside == 0,
        "map has panicked, and {inside} calls of f have not ended"
    );
    let thrown = payload
        .downcast_ref::<u32>()
        .and_then(|number| number.checked_sub(100))
        .is_some_and(|item| those.contains(&(item as usize)));
    assert!(
        thrown,
        "f has panicked with the number {}, and map with another payload: {}",
        100 + those[0],
        text(&*payload)
    );
    ledger.all_are_dropped();
}

fn one_panics_alone() {
    let model = model("a crew of one thread, and one of three items panics");
    check(&model, || {
        for one in 0..3 {
            panics(1, 3, &[one], |_| ());
        }
    });
}

fn one_panics() {
    for one in 0..3 {
        let name = format!("a crew of two threads, and item {one} of three panics");
        let model = model(&name).preemptions(1);
        check(&model, move || panics(2, 3, &[one], |_| ()));
    }
}

/// The other one has begun by then, and has not ended.
fn the_caller_gets_it_when_all_have_ended() {
    let model = model("one item panics when another one has begun");
    check(&model, || {
        let both = Barrier::new(2).named("both have begun");
        panics(2, 2, &[1], |_| {
            both.wait();
        });
    });
}

fn all_panic() {
    let model = model("a crew of two threads, and each of two items panics");
    check(&model, || {
        panics(2, 2, &[0, 1], |_| ());
    });
}
