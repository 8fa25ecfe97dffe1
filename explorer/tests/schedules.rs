//! A schedule is followed to the letter, or refused with a sentence: a replay that goes
//! another way than the one that was meant must never look like a pass.

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use explorer::ground::sync::{Arc, Mutex};
use explorer::ground::{hint, thread};
use explorer::{Kind, Model};

/// Two threads add one each, with a load and a store.
fn careless() {
    let count = Arc::new(AtomicU32::new(0));
    let theirs = Arc::clone(&count);
    let add = |count: &AtomicU32| {
        // ORDERING: Relaxed. What is lost is lost with any ordering.
        count.store(count.load(Relaxed) + 1, Relaxed);
    };
    let thread = thread::spawn(move || add(&theirs));
    add(&count);
    thread.join().unwrap();
    // ORDERING: Relaxed. The join orders it.
    assert_eq!(count.load(Relaxed), 2, "an update is lost");
}

/// Waits in a loop, and then fails whatever came before.
fn waits_and_fails() {
    let flag = Arc::new(AtomicU32::new(0));
    let theirs = Arc::clone(&flag);
    // ORDERING: Release pairs with the Acquire below, in `waits_and_fails`.
    let thread = thread::spawn(move || theirs.store(1, Release));
    // ORDERING: Acquire pairs with the Release above, in `waits_and_fails`.
    while flag.load(Acquire) == 0 {
        hint::spin_loop();
    }
    thread.join().unwrap();
    panic!("always");
}

fn replay(schedule: &str, root: fn()) -> (Kind, String) {
    let failure = Model::new("a schedule").replay(schedule, root).unwrap_err();
    (failure.kind, failure.sentence)
}

fn refuses(schedule: &str, root: fn(), because: &str) {
    let (kind, sentence) = replay(schedule, root);
    assert_eq!(kind, Kind::BadSchedule, "{schedule:?}: {sentence}");
    assert!(sentence.contains(because), "{schedule:?}: {sentence}");
}

#[test]
fn what_can_be_followed_is_followed() {
    for schedule in ["0 1*2", "0 1 0 1", "1*2 0.1 0*2"] {
        let (kind, sentence) = replay(schedule, careless);
        assert_eq!(kind, Kind::Assertion, "{schedule:?}: {sentence}");
    }
    for schedule in ["", "0*2 1*2", "1*2 0*2"] {
        let passed = Model::new("a schedule").replay(schedule, careless);
        assert!(passed.is_ok(), "{schedule:?}: {passed:?}");
    }
}

#[test]
fn a_thread_that_cannot_go_on_is_refused() {
    refuses("2", careless, "step 1: there is no thread 2");
    refuses("0*2 1*3", careless, "step 5: thread 1 has ended");
    refuses("0*3", careless, "step 3: main waits");
}

#[test]
fn a_choice_that_there_is_not_is_refused() {
    refuses("1*2 0.2", careless, "step 3, choice 1: alternative 2 of 2");
    refuses("1*2 0.0.1", careless, "step 3 has 1 choice to make");
    refuses("0.1", careless, "step 1 has 0 choices to make");
}

#[test]
fn steps_behind_the_end_are_refused() {
    let long = "0*2 1*2 0*2 0*7";
    refuses(
        long,
        careless,
        "the run ends after step 6, and the schedule has 7 more",
    );
}

#[test]
fn a_loop_that_goes_round_alone_is_no_way_out() {
    for schedule in ["", "0", "0.1", "0.1 1", "0.1 1 0"] {
        let (kind, sentence) = replay(schedule, waits_and_fails);
        assert_eq!(kind, Kind::Assertion, "{schedule:?}: {sentence}");
    }
}

#[test]
fn what_is_no_schedule_is_refused() {
    refuses("1 zwei", careless, "`zwei` is no step");
}

/// Waits for a lock while it unwinds.
struct Slow(Arc<Mutex<()>>);

impl Drop for Slow {
    fn drop(&mut self) {
        drop(self.0.lock());
    }
}

/// Two threads panic, and one begins to unwind while the other does.
fn two_unwind() {
    let lock = Arc::new(Mutex::new(()));
    let threads = ["the first", "the second"].map(|text| {
        let lock = Arc::clone(&lock);
        thread::spawn(move || -> u32 {
            let _slow = Slow(lock);
            panic!("{text}");
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn each_of_two_threads_that_unwind_keeps_its_words() {
    for schedule in ["", "1 2 1 2", "2 1 2 1"] {
        let (kind, sentence) = replay(schedule, two_unwind);
        assert_eq!(
            (kind, &*sentence),
            (Kind::Assertion, "the first"),
            "{schedule:?}"
        );
    }
}
