//! Graders of 04.5: two and three threads under every schedule.

#![allow(unsafe_code, reason = "what the lock protects is a plain number")]

use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Kind, Model};

use super::on_model::answer::RawLock;

grading::graders![two_threads_count, three_threads_count, who_waits_sleeps];

/// A number, and the lock that protects it.
struct Counter {
    lock: RawLock,
    count: UnsafeCell<u32>,
}

// SAFETY: `count` is used only by who holds `lock`, if the lock is right. If it is not,
// the explorer says so before anything is read.
unsafe impl Sync for Counter {}

impl Counter {
    fn add_one(&self) {
        self.lock.lock();
        // SAFETY: the lock is held.
        self.count.with_mut(|count| unsafe { *count += 1 });
        self.lock.unlock();
    }
}

fn count_with(threads: u32) {
    let counter = Arc::new(Counter {
        lock: RawLock::unlocked(),
        count: UnsafeCell::new(0).named("count"),
    });
    let start = |counter: Arc<Counter>| thread::spawn(move || counter.add_one());
    let started: Vec<_> =
        (1..threads).map(|_| start(Arc::clone(&counter))).collect();
    counter.add_one();
    for thread in started {
        thread.join().unwrap();
    }
    // SAFETY: all other threads have been joined.
    let count = counter.count.with(|count| unsafe { *count });
    assert!(
        count == threads,
        "{threads} threads added 1 each, and the count is {count}"
    );
}

fn model(name: &str) -> Model {
    let sleeps = "on which values of `state` may `lock` sleep, and what may `state` be by \
                  then? And who wakes it: does `unlock`, after it has changed `state`?";
    Model::new(name)
        .hint(
            Kind::DataRace,
            "did the second of the two really take the lock before it left `lock`? If so: \
             what does `unlock` hand over, and does `lock` take it up?",
        )
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
}

fn two_threads_count() {
    let stats = model("two threads count under the lock").check(|| count_with(2));
    assert!(
        stats.complete,
        "two threads that take a lock once are not too large"
    );
}

fn three_threads_count() {
    let stats = model("three threads count under the lock").check(|| count_with(3));
    assert!(
        stats.complete,
        "three threads that take a lock once are not too large"
    );
}

/// The owner waits for a thread that waits for the lock. That is a deadlock, and meant
/// to be one: the question is what the other thread does meanwhile.
fn who_waits_sleeps() {
    let ended = Model::new("a lock that is not given back").explore(|| {
        let lock = Arc::new(RawLock::unlocked());
        lock.lock();
        let other = Arc::clone(&lock);
        let waits = thread::spawn(move || other.lock());
        waits.join().unwrap();
    });
    let Err(failure) = ended else {
        panic!("a thread gets a lock that another one holds and never gives back");
    };
    if !matches!(failure.kind, Kind::Deadlock | Kind::LostWakeUp) {
        let sentence = format!(
            "a thread that waits for the lock does not sleep: {}: {}",
            failure.kind, failure.sentence
        );
        grading::reject(*failure, sentence);
    }
}
