//! Graders of 05.5 under the model checker: who is woken, what it sees, and when a limit is
//! over. Time is the model's own, and exact.

#![allow(unsafe_code, reason = "what is published is plain memory")]

#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/sleeps.rs"]
mod sleeps;

use std::panic;

use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::time::{Duration, Instant};
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Kind, Model};

use super::on_model::answer::Event;

grading::graders![
    one_thread_sets_it,
    who_waits_sleeps,
    one_waits,
    one_looks,
    one_waits_with_a_limit,
    a_limit_is_a_limit,
    a_limit_without_end,
    two_wait,
    one_gives_up_and_one_goes_on,
    two_set,
    nobody_waits_and_nobody_is_woken,
    once_it_is_set_nobody_asks_the_kernel,
];

/// The right ones take a tenth of a second.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

fn model(name: &str) -> Model {
    let sleeps = "how does `set` know that somebody sleeps? By a mark: who sets it before \
                  it sleeps, is it looked for in the step that sets the event or after it, \
                  and does one wake-up do for all who sleep? And can the event be set \
                  between somebody's last look and its sleep?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
        .hint(
            Kind::DataRace,
            "which step of `set` says that it is set, and does it publish? And does every \
             look that finds it set take that up, on each of the ways out of a wait?",
        )
}

/// A model in which nobody else is there to wake anybody.
fn alone(name: &str) -> Model {
    let limit = "nobody else is there: a wait with a limit ends by itself, and once the \
                 event is set there is nothing to wait for";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(Kind::LostWakeUp, limit)
        .hint(Kind::Deadlock, limit)
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

/// An event, and what was done before it.
struct Shared {
    event: Event,
    news: UnsafeCell<u32>,
}

// SAFETY: `news` is written before the event is set, and read by those who know that it is,
// if the event is right. If it is not, the explorer says so before anything is read.
unsafe impl Sync for Shared {}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            event: Event::new(),
            news: UnsafeCell::new(0).named("news"),
        })
    }

    fn write_and_set(&self) {
        // SAFETY: the event is not set, so nobody reads.
        self.news.with_mut(|news| unsafe { *news = 7 });
        self.event.set();
    }

    #[track_caller]
    fn expect_news(&self, who: &str) {
        // SAFETY: the event is set, so nobody writes.
        let news = self.news.with(|news| unsafe { *news });
        assert!(
            news == 7,
            "{who}, and the event was not set: what was done before it is not there"
        );
    }
}

/// Starts a thread that does `what`.
fn start<R: Send + 'static>(
    shared: &Arc<Shared>,
    what: impl FnOnce(&Shared) -> R + Send + 'static,
) -> thread::JoinHandle<R> {
    let shared = Arc::clone(shared);
    thread::spawn(move || what(&shared))
}

#[track_caller]
fn expect_set(event: &Event) {
    for (call, said) in [
        ("is_set()", event.is_set()),
        ("wait_timeout(0 ms)", event.wait_timeout(Duration::ZERO)),
        ("wait_timeout(1 h)", event.wait_timeout(HOUR)),
    ] {
        assert!(said, "the event is set, and {call} gave false");
    }
    event.wait();
}

fn one_thread_sets_it() {
    check(&alone("one thread sets it, twice"), || {
        let event = Event::new();
        for time in 1..=2 {
            let (looked, waited) =
                (event.is_set(), event.wait_timeout(Duration::ZERO));
            assert!(
                !looked,
                "nobody has set it, and look {time}, is_set(), gave true"
            );
            assert!(
                !waited,
                "nobody has set it, and wait_timeout(0 ms) gave true"
            );
        }
        event.set();
        expect_set(&event);
        event.set();
        expect_set(&event);
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a thread in wait()", || Event::new().wait());
    // A wait with a limit comes to its end: not a deadlock, but not too many steps either.
    let name = "a thread in wait_timeout(1 h), and nothing comes";
    let ended = Model::new(name).steps(300).explore(|| {
        Event::new().wait_timeout(HOUR);
    });
    match ended {
        Err(failure) if failure.kind == Kind::Livelock => {
            let at = failure.at.as_deref().unwrap_or_default();
            let place = at.rsplit(['/', '\\']).next().unwrap_or_default();
            let sentence = format!(
                "a thread in wait_timeout(1 h) does not sleep, at {place}: it asks again \
                 and again, perhaps with pauses, and should sleep until it is woken or the \
                 hour is over"
            );
            grading::reject(*failure, sentence);
        }
        Err(failure) => panic::resume_unwind(failure),
        Ok(_) => {}
    }
}

fn one_waits() {
    check(&model("one waits while it is set"), || {
        let shared = Shared::new();
        let waits = start(&shared, |shared| {
            shared.event.wait();
            shared.expect_news("wait() returned");
            // And again: by now there is nothing to wait for.
            shared.event.wait();
        });
        shared.write_and_set();
        waits.join().unwrap();
        expect_set(&shared.event);
    });
}

fn one_looks() {
    check(&model("one looks twice while it is set"), || {
        let shared = Shared::new();
        let looks = start(&shared, |shared| {
            let first = shared.event.is_set();
            if first {
                shared.expect_news("is_set() gave true");
            }
            let second = shared.event.is_set();
            assert!(
                second || !first,
                "is_set() gave true, and then false: what has happened has happened"
            );
        });
        shared.write_and_set();
        looks.join().unwrap();
        expect_set(&shared.event);
    });
}

fn one_waits_with_a_limit() {
    check(&model("one waits for 10 ms while it is set"), || {
        let shared = Shared::new();
        let waits = start(&shared, |shared| {
            let start = Instant::now();
            if shared.event.wait_timeout(10 * MS) {
                shared.expect_news("wait_timeout(10 ms) gave true");
                return;
            }
            let waited = start.elapsed().as_millis();
            assert!(
                waited == 10,
                "wait_timeout(10 ms) gave false after {waited} ms"
            );
        });
        shared.write_and_set();
        waits.join().unwrap();
        expect_set(&shared.event);
    });
}

fn a_limit_is_a_limit() {
    check(&alone("nobody sets it"), || {
        let event = Event::new();
        for (name, limit) in
            [("10 ms", 10 * MS), ("2500 us", 5 * MS / 2), ("1 h", HOUR)]
        {
            let start = Instant::now();
            let said = event.wait_timeout(limit);
            let waited = start.elapsed().as_micros();
            assert!(
                !said,
                "nobody has set it, and wait_timeout({name}) gave true"
            );
            assert!(
                waited == limit.as_micros(),
                "nobody has set it, and wait_timeout({name}) gave up after {waited} us"
            );
        }
        assert!(
            !event.is_set(),
            "somebody gave up waiting, nobody has set it, and is_set() gave true"
        );
    });
}

fn a_limit_without_end() {
    for (name, limit) in [
        ("Duration::MAX", Duration::MAX),
        ("Duration::MAX / 2", Duration::MAX / 2),
    ] {
        let model = model(&format!("one waits for {name} while it is set"));
        grading::step("exploring a model");
        let Err(failure) = model.explore(move || wait_without_end(name, limit))
        else {
            continue;
        };
        if !failure.sentence.contains("overflow") {
            model.check(move || wait_without_end(name, limit));
            panic::resume_unwind(failure);
        }
        let sentence = format!(
            "wait_timeout({name}) panics, {}: no clock can show that time, so what does it \
             mean to wait until then?",
            failure.sentence
        );
        grading::reject(*failure, sentence);
    }
}

fn wait_without_end(name: &str, limit: Duration) {
    let shared = Shared::new();
    let name = name.to_owned();
    let waits = start(&shared, move |shared| {
        let start = Instant::now();
        if shared.event.wait_timeout(limit) {
            shared.expect_news(&format!("wait_timeout({name}) gave true"));
            return;
        }
        // Some take the end of all clocks for a time that is years away.
        let waited = start.elapsed();
        assert!(
            waited >= YEAR,
            "wait_timeout({name}) gave false after {waited:?}"
        );
    });
    shared.write_and_set();
    waits.join().unwrap();
}

/// One wake-up is not enough.
fn two_wait() {
    check(&model("two wait while it is set").spurious(false), || {
        let shared = Shared::new();
        let waits = [(); 2].map(|()| {
            start(&shared, |shared| {
                shared.event.wait();
                shared.expect_news("wait() returned");
            })
        });
        shared.write_and_set();
        for waits in waits {
            waits.join().unwrap();
        }
    });
}

/// Whoever gives up must not take away what says that the other one sleeps.
fn one_gives_up_and_one_goes_on() {
    let model = model("two wait, one of them for 10 ms; after 20 ms it is set");
    check(&model.spurious(false), || {
        let shared = Shared::new();
        let patient = start(&shared, |shared| {
            shared.event.wait();
            shared.expect_news("wait() returned");
        });
        let hasty = start(&shared, |shared| {
            if shared.event.wait_timeout(10 * MS) {
                shared.expect_news("wait_timeout(10 ms) gave true");
            }
        });
        thread::sleep(20 * MS);
        shared.write_and_set();
        patient.join().unwrap();
        hasty.join().unwrap();
    });
}

/// The second one must not undo what the first one has done.
fn two_set() {
    check(&model("two set it while one waits").spurious(false), || {
        let shared = Shared::new();
        let waits = start(&shared, |shared| {
            shared.event.wait();
            assert!(
                shared.event.is_set(),
                "wait() returned, and is_set() gave false"
            );
        });
        let sets = start(&shared, |shared| shared.event.set());
        shared.event.set();
        sets.join().unwrap();
        waits.join().unwrap();
        expect_set(&shared.event);
    });
}

/// What needs no kernel once it is set.
fn use_it(event: &Event) {
    event.set();
    expect_set(event);
}

fn nobody_waits_and_nobody_is_woken() {
    calls::must_not_call("nobody has ever waited", || {
        let event = Event::new();
        calls::from_here_on(|| use_it(&event));
    });
}

fn once_it_is_set_nobody_asks_the_kernel() {
    calls::must_not_call(
        "the event is set, and all who waited have gone on",
        || {
            let shared = Shared::new();
            let waits =
                [(); 2].map(|()| start(&shared, |shared| shared.event.wait()));
            thread::sleep(MS);
            shared.event.set();
            for waits in waits {
                waits.join().unwrap();
            }
            calls::from_here_on(|| use_it(&shared.event));
        },
    );
}
