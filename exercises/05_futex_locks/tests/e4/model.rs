//! Graders of 05.4 under the model checker: who gets a permit, what it sees, and who is
//! woken.

#![allow(unsafe_code, reason = "what a permit hands over is plain memory")]

#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/sleeps.rs"]
mod sleeps;

use std::mem::ManuallyDrop;
use std::time::Duration;

use super::on_model::ground::Named as _;
use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::{Arc, Barrier};
use super::on_model::ground::thread::{self, JoinHandle};
use ::explorer::{Kind, Model};

use super::on_model::answer::{Permit, Semaphore};

grading::graders![
    one_thread_takes_and_gives,
    who_waits_sleeps,
    one_permit_is_for_one_at_a_time,
    two_permits_are_for_two_at_a_time,
    a_try_for_one_that_is_free,
    two_try_for_one_permit,
    what_was_done_before_is_seen,
    what_was_done_before_is_seen_by_a_try,
    a_panic_gives_back,
    two_wait_for_one_permit,
    two_at_once_are_for_two,
    one_and_one_are_for_two,
    two_give_back_and_both_are_seen,
    nobody_waits_and_nobody_is_woken,
    who_has_waited_is_forgotten,
];

/// The right ones take a second or two.
const SEARCH_LIMIT: Duration = Duration::from_secs(12);

fn model(name: &str) -> Model {
    let sleeps = "somebody sleeps beside a permit. Does whoever adds one look for sleepers \
                  after it is there, and does whoever is going to sleep say so before it \
                  looks for the last time? Those are two words, or two halves of one: may \
                  either of the two still see an old value? And is one woken for each permit?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(
            Kind::DataRace,
            "was there a permit for both? If so: what does adding one publish, and does \
             taking one take that up, on each of the ways to one?",
        )
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

fn new(permits: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(permits))
}

/// Starts a thread that does `what`.
fn start<R: 'static + Send>(
    semaphore: &Arc<Semaphore>,
    what: impl FnOnce(&Semaphore) -> R + 'static + Send,
) -> JoinHandle<R> {
    let semaphore = Arc::clone(semaphore);
    thread::spawn(move || what(&semaphore))
}

#[track_caller]
fn expect_free(semaphore: &Semaphore, right: usize, what: &str) {
    let free = semaphore.available();
    assert!(
        free == right,
        "{what}: {right} should be free, and available() is {free}"
    );
}

#[track_caller]
fn expect_permit<'a>(semaphore: &'a Semaphore, what: &str) -> Permit<'a> {
    let Some(permit) = semaphore.try_acquire() else {
        panic!("{what}, and try_acquire gave None");
    };
    permit
}

fn one_thread_takes_and_gives() {
    check(&model("one thread takes and gives"), || {
        let semaphore = Semaphore::new(2);
        expect_free(&semaphore, 2, "nothing was taken of 2");
        let first = semaphore.acquire();
        let second = expect_permit(&semaphore, "1 of 2 permits was taken");
        expect_free(&semaphore, 0, "2 of 2 were taken");
        for time in 1..=2 {
            let tried = semaphore.try_acquire();
            assert!(
                tried.is_none(),
                "2 of 2 permits are taken, and attempt {time} of try_acquire gave another"
            );
        }
        drop(first);
        expect_free(&semaphore, 1, "2 of 2 were taken, and 1 came back");
        semaphore.release(3);
        expect_free(&semaphore, 4, "1 was free, and 3 were added");
        drop(second);
        expect_free(&semaphore, 5, "4 were free, and 1 came back");
        for taken in 0..5 {
            let permit = expect_permit(&semaphore, "there were 5 permits");
            let _kept = ManuallyDrop::new(permit);
            expect_free(&semaphore, 4 - taken, "permits are taken, one by one");
        }
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("acquire on a semaphore without permits", || {
        drop(Semaphore::new(0).acquire());
    });
    sleeps::must_sleep("acquire beside the only permit", || {
        let semaphore = new(1);
        let permit = semaphore.acquire();
        start(&semaphore, |semaphore| drop(semaphore.acquire()))
            .join()
            .unwrap();
        drop(permit);
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
            let _permit = guarded.semaphore.acquire();
            // SAFETY: the permit is held.
            guarded.count.with_mut(|count| unsafe { *count += 1 });
        };
        let other = {
            let guarded = Arc::clone(&guarded);
            thread::spawn(move || add(&guarded))
        };
        add(&guarded);
        other.join().unwrap();
        expect_free(&guarded.semaphore, 1, "the only one came back");
    });
}

fn two_permits_are_for_two_at_a_time() {
    check(
        &model("two threads meet, each with one of two permits"),
        || {
            let semaphore = new(2);
            let both = Arc::new(Barrier::new(2).named("both are inside"));
            let other = start(&semaphore, {
                let both = Arc::clone(&both);
                move |semaphore| {
                    let _permit = semaphore.acquire();
                    both.wait();
                }
            });
            let permit = semaphore.acquire();
            both.wait();
            drop(permit);
            other.join().unwrap();
            expect_free(&semaphore, 2, "both of 2 came back");
        },
    );
}

/// Two permits, and two threads that take one each: there is always one for a try.
fn a_try_for_one_that_is_free() {
    check(&model("one thread acquires, and another one tries"), || {
        let semaphore = new(2);
        let other = start(&semaphore, |semaphore| drop(semaphore.acquire()));
        let what = "there are 2 permits, and one other thread that takes 1";
        drop(expect_permit(&semaphore, what));
        drop(expect_permit(&semaphore, what));
        other.join().unwrap();
        expect_free(&semaphore, 2, "all of 2 came back");
    });
}

/// Between a look and the taking the other one may come.
fn two_try_for_one_permit() {
    let model = model("two threads try for one permit, and keep it");
    check(&model, || {
        let semaphore = new(1);
        let got_one = |semaphore: &Semaphore| {
            ManuallyDrop::new(semaphore.try_acquire()).is_some()
        };
        let other = start(&semaphore, got_one);
        let got = [got_one(&semaphore), other.join().unwrap()];
        let got = got.into_iter().filter(|got| *got).count();
        assert!(
            got == 1,
            "there is 1 permit, and nobody gives it back; of 2 threads that tried for it \
             {got} got it"
        );
        expect_free(&semaphore, 0, "the only one was taken");
    });
}

/// What goes from hand to hand with a permit that is added.
struct Parcel {
    semaphore: Semaphore,
    pages: [UnsafeCell<u32>; 2],
}

// SAFETY: a page is written before a permit is added for it, and read when one has been
// taken for each, if the semaphore is right. If not, the explorer says so before anything is
// read.
unsafe impl Sync for Parcel {}

impl Parcel {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            semaphore: Semaphore::new(0),
            pages: [
                UnsafeCell::new(0).named("first page"),
                UnsafeCell::new(0).named("second page"),
            ],
        })
    }

    /// Starts a thread that writes a page, and adds a permit.
    fn write(parcel: &Arc<Self>, page: usize) -> JoinHandle<()> {
        let parcel = Arc::clone(parcel);
        thread::spawn(move || {
            // SAFETY: nobody else uses this page before there is a permit.
            parcel.pages[page].with_mut(|page| unsafe { *page = 7 });
            parcel.semaphore.release(1);
        })
    }

    fn read(&self, page: usize) -> u32 {
        // SAFETY: all that is written was written before a permit that we have.
        self.pages[page].with(|page| unsafe { *page })
    }
}

fn what_was_done_before_is_seen() {
    check(&model("a permit is added when a page is written"), || {
        let parcel = Parcel::new();
        let writes = Parcel::write(&parcel, 0);
        let _kept = ManuallyDrop::new(parcel.semaphore.acquire());
        let got = parcel.read(0);
        assert!(got == 7, "7 was written before, and {got} was read");
        writes.join().unwrap();
    });
}

fn what_was_done_before_is_seen_by_a_try() {
    check(
        &model("a permit is added when a page is written, and tried for"),
        || {
            let parcel = Parcel::new();
            let writes = Parcel::write(&parcel, 0);
            if let Some(permit) = parcel.semaphore.try_acquire() {
                let _kept = ManuallyDrop::new(permit);
                let got = parcel.read(0);
                assert!(got == 7, "7 was written before, and {got} was read");
            }
            writes.join().unwrap();
        },
    );
}

fn a_panic_gives_back() {
    check(
        &model("a thread panics while it holds the only permit"),
        || {
            let semaphore = new(1);
            let other = start(&semaphore, |semaphore| {
                let _permit = semaphore.acquire();
                grading::planned_panic("disk full");
            });
            drop(semaphore.acquire());
            let ended: Result<(), _> = other.join();
            assert!(ended.is_err(), "the panic reaches the thread's handle");
            expect_free(&semaphore, 1, "the only one came back");
        },
    );
}

// The models of three threads are large. In all of them nothing happens for no reason, that
// is in the others, and nobody is interrupted more than three times.

fn large(name: &str) -> Model {
    model(name).spurious(false).preemptions(3)
}

fn two_wait_for_one_permit() {
    check(&large("two threads wait for one permit"), || {
        let semaphore = new(1);
        let permit = semaphore.acquire();
        let others = [(); 2]
            .map(|()| start(&semaphore, |semaphore| drop(semaphore.acquire())));
        expect_free(&semaphore, 0, "the only one is taken, and two may wait");
        drop(permit);
        for other in others {
            other.join().unwrap();
        }
        expect_free(&semaphore, 1, "the only one came back");
    });
}

/// Two threads that acquire one each, and meet before they give it back.
fn two_meet(semaphore: &Arc<Semaphore>) -> [JoinHandle<()>; 2] {
    let both = Arc::new(Barrier::new(2).named("both are inside"));
    [(); 2].map(|()| {
        let both = Arc::clone(&both);
        start(semaphore, move |semaphore| {
            let _permit = semaphore.acquire();
            both.wait();
        })
    })
}

fn two_at_once_are_for_two() {
    check(&large("two wait, and two permits come at once"), || {
        let semaphore = new(0);
        let others = two_meet(&semaphore);
        semaphore.release(2);
        for other in others {
            other.join().unwrap();
        }
        expect_free(&semaphore, 2, "both of 2 came back");
    });
}

fn one_and_one_are_for_two() {
    check(&large("two wait, and two permits come, one by one"), || {
        let semaphore = new(0);
        let others = two_meet(&semaphore);
        semaphore.release(1);
        semaphore.release(1);
        for other in others {
            other.join().unwrap();
        }
        expect_free(&semaphore, 2, "both of 2 came back");
    });
}

/// Whoever has both permits sees what was done before either.
fn two_give_back_and_both_are_seen() {
    check(&large("two threads write a page and add a permit"), || {
        let parcel = Parcel::new();
        let writers = [0, 1].map(|page| Parcel::write(&parcel, page));
        let _kept = [(); 2].map(|()| ManuallyDrop::new(parcel.semaphore.acquire()));
        let got = [0, 1].map(|page| parcel.read(page));
        assert!(
            got == [7, 7],
            "7 was written twice before, and {got:?} was read"
        );
        for writer in writers {
            writer.join().unwrap();
        }
    });
}

/// What nobody who is alone needs the kernel for.
fn take_and_give(semaphore: &Semaphore) {
    let first = semaphore.acquire();
    let second = expect_permit(semaphore, "nobody else is about");
    drop(first);
    drop(second);
    semaphore.release(1);
    semaphore.release(2);
}

fn nobody_waits_and_nobody_is_woken() {
    calls::must_not_call("nobody has ever waited for a permit", || {
        let semaphore = Semaphore::new(2);
        calls::from_here_on(|| take_and_give(&semaphore));
    });
}

/// Two threads wait; but not any more when it comes to the point.
fn who_has_waited_is_forgotten() {
    let what =
        "nobody waits for a permit any more, one was taken and given back since";
    calls::must_not_call(what, || {
        let semaphore = new(1);
        let permit = semaphore.acquire();
        let others = [(); 2]
            .map(|()| start(&semaphore, |semaphore| drop(semaphore.acquire())));
        thread::sleep(Duration::from_millis(1));
        drop(permit);
        for other in others {
            other.join().unwrap();
        }
        semaphore.release(1);
        drop(semaphore.acquire());
        calls::from_here_on(|| take_and_give(&semaphore));
    });
}
