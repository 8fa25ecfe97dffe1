//! Graders of 02.3 under the model checker: two and three threads that take and give
//! back, in every order. Time is the model's own, and exact.

#![allow(unsafe_code, reason = "what a permit protects is plain memory")]

#[path = "../common/hints.rs"]
mod hints;
#[path = "../common/sleeps.rs"]
mod sleeps;

use std::mem::ManuallyDrop;
use std::time::Duration;

use explorer::ground::cell::UnsafeCell;
use explorer::ground::sync::{Arc, Barrier};
use explorer::ground::thread::{self, JoinHandle};
use explorer::ground::{Named as _, time::Instant};
use explorer::{Kind, Model};

use super::on_model::answer::{Permits, Semaphore};

grading::graders![
    who_waits_sleeps,
    one_permit_is_for_one_at_a_time,
    two_permits_are_for_two_at_a_time,
    two_take_all_there_is,
    two_that_go_back_are_for_two,
    who_needs_one_does_not_wait_for_two,
    a_try_takes_all_or_nothing,
    two_try_for_one_permit,
    a_panic_gives_back,
    a_limit_is_a_limit,
    a_long_limit_is_a_limit,
    a_wake_up_does_not_begin_the_time_anew,
    a_permit_comes_when_time_is_nearly_up,
];

/// The right ones take a tenth of a second; see `who_waits_sleeps` for those without end.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

const MS: Duration = Duration::from_millis(1);

const HOUR: Duration = Duration::from_secs(3600);

fn model(name: &str) -> Model {
    let sleeps = "a notification wakes one of those that sleep, any of them: what if that \
                  one can't use what has come back? And does anybody hold some permits \
                  while it waits for more?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
        .hint(
            Kind::DataRace,
            "two threads were inside with a single permit, or the second one got it \
             without the lock under which the first one gave it back",
        )
}

/// For an answer that panics itself.
fn check(model: &Model, root: fn()) {
    let own = "if a subtraction overflows, more permits were taken than there are: are \
               there enough for all that are asked for, does a sleeper look again each \
               time it wakes up, and is it one lock under which it looks and takes?";
    let poisoned = "the lock is poisoned: another thread panicked while it held it. If \
                    that was a subtraction that overflows, more permits were taken than \
                    there are: does a sleeper look again each time it wakes up? And a drop \
                    that unwraps a poisoned lock panics, too: in a thread that panics \
                    already, that ends the program";
    hints::check(model, poisoned, own, root);
}

/// Permits that go back when they are dropped, but not in a panic: on a lock that is
/// poisoned an answer's `drop` may panic, too, and nobody would hear of the first one.
struct Held<'a>(Option<Permits<'a>>);

fn hold(semaphore: &Semaphore, count: usize) -> Held<'_> {
    Held(Some(semaphore.acquire(count)))
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let permits = self.0.take();
        if thread::panicking() {
            let _kept = ManuallyDrop::new(permits);
        }
    }
}

fn start<T: Send + 'static>(
    semaphore: &Arc<Semaphore>,
    what: impl FnOnce(&Semaphore) -> T + Send + 'static,
) -> JoinHandle<T> {
    let semaphore = Arc::clone(semaphore);
    thread::spawn(move || what(&semaphore))
}

#[track_caller]
fn all_are_back(semaphore: &Semaphore, right: usize) {
    let free = semaphore.available();
    assert!(
        free == right,
        "all {right} permits have been given back, and available() is {free}"
    );
}

fn who_waits_sleeps() {
    sleeps::must_sleep("acquire(1) on a semaphore without permits", || {
        drop(Semaphore::new(0).acquire(1));
    });
    sleeps::must_sleep("acquire(2) on a semaphore with one permit", || {
        drop(Semaphore::new(1).acquire(2));
    });
    let who = "acquire_timeout(1, 1 h) on a semaphore without permits";
    sleeps::must_sleep_until(who, || {
        drop(Semaphore::new(0).acquire_timeout(1, HOUR));
    });
}

/// What one permit protects.
struct Guarded {
    semaphore: Semaphore,
    count: UnsafeCell<u32>,
}

// SAFETY: `count` is used only by who holds the one permit, if the semaphore is right. If
// it is not, the explorer says so before anything is read.
unsafe impl Sync for Guarded {}

fn one_permit_is_for_one_at_a_time() {
    check(&model("two threads count under one permit"), || {
        let guarded = Arc::new(Guarded {
            semaphore: Semaphore::new(1),
            count: UnsafeCell::new(0).named("count"),
        });
        let add = |guarded: &Guarded| {
            let _permit = guarded.semaphore.acquire(1);
            // SAFETY: the permit is held.
            guarded.count.with_mut(|count| unsafe { *count += 1 });
        };
        let other = {
            let guarded = Arc::clone(&guarded);
            thread::spawn(move || add(&guarded))
        };
        add(&guarded);
        other.join().unwrap();
        all_are_back(&guarded.semaphore, 1);
    });
}

fn two_permits_are_for_two_at_a_time() {
    check(
        &model("two threads meet, each with one of two permits"),
        || {
            let semaphore = Arc::new(Semaphore::new(2));
            let both = Arc::new(Barrier::new(2).named("both are inside"));
            let other = start(&semaphore, {
                let both = Arc::clone(&both);
                move |semaphore| {
                    let _permit = semaphore.acquire(1);
                    both.wait();
                }
            });
            let permit = hold(&semaphore, 1);
            both.wait();
            drop(permit);
            other.join().unwrap();
            all_are_back(&semaphore, 2);
        },
    );
}

/// Who takes them one by one may end up with half of them.
fn two_take_all_there_is() {
    check(&model("two threads each take two of two permits"), || {
        let semaphore = Arc::new(Semaphore::new(2));
        let other = start(&semaphore, |semaphore| drop(semaphore.acquire(2)));
        drop(semaphore.acquire(2));
        other.join().unwrap();
        all_are_back(&semaphore, 2);
    });
}

fn two_that_go_back_are_for_two() {
    // Without wake-ups for no reason: they are in the other models, and this one is large.
    let model =
        model("two permits come back at once, for two who wait for one each");
    check(&model.spurious(false), || {
        let semaphore = Arc::new(Semaphore::new(2));
        let permits = hold(&semaphore, 2);
        let both = Arc::new(Barrier::new(2).named("both are inside"));
        let others = [(); 2].map(|()| {
            let both = Arc::clone(&both);
            start(&semaphore, move |semaphore| {
                let _permit = semaphore.acquire(1);
                both.wait();
            })
        });
        drop(permits);
        for other in others {
            other.join().unwrap();
        }
        all_are_back(&semaphore, 2);
    });
}

/// A wake-up may go to the one that it is of no use to.
fn who_needs_one_does_not_wait_for_two() {
    check(
        &model("one permit comes back; one thread waits for two, and one for one"),
        || {
            let semaphore = Arc::new(Semaphore::new(2));
            let [first, second] = [hold(&semaphore, 1), hold(&semaphore, 1)];
            let needs_two =
                start(&semaphore, |semaphore| drop(semaphore.acquire(2)));
            let needs_one =
                start(&semaphore, |semaphore| drop(semaphore.acquire(1)));
            drop(first);
            needs_one.join().unwrap();
            drop(second);
            needs_two.join().unwrap();
            all_are_back(&semaphore, 2);
        },
    );
}

fn a_try_takes_all_or_nothing() {
    check(
        &model("tries, while another thread takes and gives back"),
        || {
            let semaphore = Arc::new(Semaphore::new(2));
            let other = start(&semaphore, |semaphore| {
                let tried = semaphore.try_acquire(1);
                assert!(
                    tried.is_some(),
                    "2 permits are there, and nobody else ever takes more than 1, but \
                 try_acquire(1) gave None"
                );
            });
            let permit = hold(&semaphore, 1);
            let tried = semaphore.try_acquire(2);
            assert!(
                tried.is_none(),
                "1 of 2 permits is taken, but try_acquire(2) gave two"
            );
            other.join().unwrap();
            let free = semaphore.available();
            assert!(
                free == 1,
                "1 of 2 permits is taken, and a try for 2 has failed; available() is {free}"
            );
            drop(permit);
            all_are_back(&semaphore, 2);
            let tried = semaphore.try_acquire(2);
            assert!(
                tried.is_some(),
                "2 permits are free, but try_acquire(2) gave None"
            );
        },
    );
}

/// Between a look and the taking the other one may come.
fn two_try_for_one_permit() {
    let model = model("two threads try for one permit, and keep it");
    check(&model, || {
        let semaphore = Arc::new(Semaphore::new(1));
        let got_one = |semaphore: &Semaphore| {
            ManuallyDrop::new(semaphore.try_acquire(1)).is_some()
        };
        let other = start(&semaphore, got_one);
        let got = [got_one(&semaphore), other.join().unwrap()];
        let got = got.into_iter().filter(|got| *got).count();
        assert!(
            got == 1,
            "there is 1 permit, and nobody gives it back; of 2 threads that tried for it \
             {got} got it"
        );
        let free = semaphore.available();
        assert!(
            free == 0,
            "the only permit was taken, and available() is {free}"
        );
    });
}

fn a_panic_gives_back() {
    check(
        &model("a thread panics while it holds the only permit"),
        || {
            let semaphore = Arc::new(Semaphore::new(1));
            let other = start(&semaphore, |semaphore| {
                let _permit = semaphore.acquire(1);
                grading::planned_panic("disk full");
            });
            drop(semaphore.acquire(1));
            assert!(
                other.join().is_err(),
                "the panic reaches the thread's handle"
            );
            all_are_back(&semaphore, 1);
        },
    );
}

fn a_limit_is_a_limit() {
    check(&model("nothing comes within 10 ms"), || {
        let semaphore = Semaphore::new(1);
        let start = Instant::now();
        let permits = semaphore.acquire_timeout(2, 10 * MS);
        let waited = start.elapsed().as_millis();
        assert!(
            permits.is_none(),
            "there is only 1 permit, but acquire_timeout(2, 10 ms) gave two"
        );
        assert!(
            waited == 10,
            "acquire_timeout(2, 10 ms) gave up after {waited} ms, when nothing had come"
        );
        all_are_back(&semaphore, 1);
        let permit = semaphore.acquire_timeout(1, Duration::ZERO);
        assert!(
            permit.is_some(),
            "1 permit is free, but acquire_timeout(1, 0 ms) gave None"
        );
    });
}

/// The model's hours take no time.
fn a_long_limit_is_a_limit() {
    check(&model("nothing comes within an hour"), || {
        let semaphore = Semaphore::new(1);
        let start = Instant::now();
        let permits = semaphore.acquire_timeout(2, HOUR);
        let waited = start.elapsed().as_secs();
        assert!(
            permits.is_none(),
            "there is only 1 permit, but acquire_timeout(2, 1 h) gave two"
        );
        assert!(
            waited == HOUR.as_secs(),
            "acquire_timeout(2, 1 h) gave up after {waited} s, when nothing had come"
        );
    });
}

fn a_wake_up_does_not_begin_the_time_anew() {
    // Nobody is interrupted, so that the 6 ms pass while the other thread sleeps, and not
    // before it does.
    let model = model("after 6 ms of 10, one of two permits comes");
    check(&model.preemptions(0), || {
        let semaphore = Arc::new(Semaphore::new(2));
        let [first, second] = [hold(&semaphore, 1), hold(&semaphore, 1)];
        let waits = start(&semaphore, |semaphore| {
            let start = Instant::now();
            let permits = semaphore.acquire_timeout(2, 10 * MS);
            (permits.is_some(), start.elapsed().as_millis())
        });
        thread::sleep(6 * MS);
        drop(first);
        let (got, waited) = waits.join().unwrap();
        assert!(
            !got,
            "1 permit was free, but acquire_timeout(2, 10 ms) gave two"
        );
        assert!(
            waited == 10,
            "acquire_timeout(2, 10 ms) was woken after 6 ms, when 1 permit had come \
             back, and gave up after {waited} ms"
        );
        drop(second);
        all_are_back(&semaphore, 2);
    });
}

/// It may be given or not, but not lost.
fn a_permit_comes_when_time_is_nearly_up() {
    check(&model("a permit comes back after 10 ms of 10"), || {
        let semaphore = Arc::new(Semaphore::new(1));
        let permit = hold(&semaphore, 1);
        let waits = start(&semaphore, |semaphore| {
            let permit = semaphore.acquire_timeout(1, 10 * MS);
            if permit.is_some() {
                let free = semaphore.available();
                assert!(
                    free == 0,
                    "acquire_timeout took the only permit, and available() is {free}"
                );
            }
        });
        thread::sleep(10 * MS);
        drop(permit);
        waits.join().unwrap();
        all_are_back(&semaphore, 1);
    });
}
