//! Ways to join that are wrong by a line.
#![allow(unsafe_code, reason = "jobs lie in frames that end")]

use std::ptr::NonNull;

use explorer::Kind::{self, DataRace, LostWakeUp};

use super::*;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::modelled::caught;
use crate::pool::join::{both, is};
use crate::pool::sleep::Surroundings;
use crate::pool::stack_job::{Signal, StackJob, catch};

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Does not wait for a job that was stolen.
    NeverWaits,
    /// A panic of the first one comes out at once.
    LeavesItBehind,
    /// A job that it has taken from the ring is forgotten when the latch is set.
    Forgets,
    /// Between saying that it sleeps and sleeping it does not look at the latch.
    NoSecondLook,
    /// The thief wakes nobody.
    WakesNobody,
    /// The thief wakes, and sets the latch afterwards.
    WakesFirst,
    /// The thief sets the latch, and then looks into it for whom to wake.
    WakesFromTheFrame,
    /// The latch is set without Release.
    SetsRelaxed,
    /// The latch is looked at without Acquire.
    LooksRelaxed,
}
use Slip::{
    Forgets, LeavesItBehind, LooksRelaxed, NeverWaits, NoSecondLook,
    None as Nothing, SetsRelaxed, WakesFirst, WakesFromTheFrame, WakesNobody,
};

const fn slips(slip: u8, this: Slip) -> bool {
    slip == this as u8
}

/// The frame of a `join`, as the explorer is to see it: who uses something that lies there
/// reads it, and the end of the frame writes it. The real one ends when nobody uses it any
/// more, also in a version that is wrong, or there would be nothing left to report.
struct Frame(UnsafeCell<()>);

// SAFETY: there is nothing in it.
unsafe impl Sync for Frame {}

impl Frame {
    fn is_used(&self) {
        self.0.with(|_| ());
    }

    fn ends(&self) {
        self.0.with_mut(|_| ());
    }
}

struct Latch<'frame, const SLIP: u8> {
    word: AtomicU32,
    frame: &'frame Frame,
}

impl<'frame, const SLIP: u8> Latch<'frame, SLIP> {
    /// For worker 0 to wait for.
    fn new(frame: &'frame Frame) -> Self {
        Self {
            word: AtomicU32::new(0),
            frame,
        }
    }

    fn is_set(&self) -> bool {
        let order = if slips(SLIP, LooksRelaxed) {
            Relaxed
        } else {
            Acquire
        };
        // ORDERING: Acquire, as in `Stolen::is_set`, if nothing is wrong.
        self.word.load(order) == 1
    }
}

impl<const SLIP: u8> Signal for Latch<'_, SLIP> {
    unsafe fn set(this: NonNull<Self>, worker: Option<&Worker>) {
        let worker = worker.unwrap();
        // SAFETY: as in `Stolen::set`. The real frame is still there.
        let latch = unsafe { this.as_ref() };
        let wake = || worker.shared().sleep().wake(0);
        // Whom to wake is to be read here.
        latch.frame.is_used();
        if slips(SLIP, WakesFirst) {
            wake();
        }
        let (frame, word) = (latch.frame, &latch.word);
        let order = if slips(SLIP, SetsRelaxed) {
            Relaxed
        } else {
            Release
        };
        // ORDERING: Release, as in `Stolen::set`, if nothing is wrong.
        word.store(1, order);
        if slips(SLIP, WakesFromTheFrame) {
            frame.is_used();
        }
        if !slips(SLIP, WakesFirst) && !slips(SLIP, WakesNobody) {
            wake();
        }
    }
}

struct Wrong<const SLIP: u8>;

impl<const SLIP: u8> Joins for Wrong<SLIP> {
    fn join<RA, RB: Send>(
        worker: &Worker,
        a: impl FnOnce(&Worker) -> RA,
        b: impl FnOnce(Option<&Worker>) -> RB + Send,
    ) -> (RA, RB) {
        let frame = Frame(UnsafeCell::new(()));
        let b = |worker: Option<&Worker>| {
            frame.is_used();
            b(worker)
        };
        let job = StackJob::new(Latch::<SLIP>::new(&frame), b);
        let latch = job.signal();
        // SAFETY: as in `join_on`.
        let pushed = worker.push_or_full(unsafe { job.job() });
        pushed.expect("there is room");
        let a = catch(|| a(worker));
        if slips(SLIP, LeavesItBehind) && a.is_err() {
            frame.ends();
        }
        loop {
            let newest = worker.pop();
            if is(newest.as_ref(), job.as_ptr()) {
                // SAFETY: as in `join_on`, if nothing is wrong.
                let b = unsafe { job.take_back() };
                return both(a, catch(|| b(Some(worker))));
            }
            match newest {
                Some(_) if slips(SLIP, Forgets) && latch.is_set() => {}
                Some(other) => worker.execute(other),
                None if slips(SLIP, NoSecondLook) => {
                    let sleep = worker.shared().sleep();
                    if !latch.is_set() {
                        sleep.sleep(0, false, None, &|| false, &**worker.shared());
                    }
                }
                None => {
                    if slips(SLIP, NeverWaits) {
                        frame.ends();
                    }
                    worker.wait_until(&|| latch.is_set());
                }
            }
            if latch.is_set() {
                frame.ends();
                // SAFETY: as in `join_on`.
                return both(a, unsafe { job.take_result() });
            }
        }
    }
}

/// The first one puts a job of its own into the ring, which somebody is to run.
fn a_job_is_left<J: Joins>() {
    beside_a_thief(|worker| {
        let frame = Frame(UnsafeCell::new(()));
        let latch = Latch::<{ Nothing as u8 }>::new(&frame);
        let more = StackJob::new(latch, |_: Option<&Worker>| ());
        let a = |worker: &Worker| {
            // SAFETY: this frame waits below.
            let pushed = worker.push_or_full(unsafe { more.job() });
            pushed.expect("there is room");
        };
        let ((), two) = J::join(worker, a, |_| 2);
        assert_eq!(two, 2);
        if let Some(job) = worker.pop() {
            worker.execute(job);
        }
        worker.wait_until(&|| more.signal().is_set());
    });
}

/// Nothing but a bed.
struct NoWork;

impl Surroundings for NoWork {
    fn has_work(&self) -> bool {
        false
    }

    fn start_thread(&self) -> bool {
        false
    }
}

/// Sleeps until it is done, and has others do the work.
fn only_sleeps() {
    helps(|worker, is_done| {
        while !is_done() {
            let sleep = worker.shared().sleep();
            sleep.sleep(0, false, None, is_done, &NoWork);
        }
    });
}

/// Does what there is, and then sleeps, without looking once more.
fn helps_and_sleeps() {
    helps(|worker, is_done| {
        while !is_done() {
            if let Some(job) = worker.find_job() {
                worker.execute(job);
            } else {
                let sleep = worker.shared().sleep();
                sleep.sleep(0, false, None, is_done, &NoWork);
            }
        }
    });
}

#[test]
fn joins_that_are_wrong_by_a_line_are_caught() {
    // With nothing wrong, it holds.
    holds_for_reasons("as it is", both_run::<Wrong<{ Nothing as u8 }>>);
    // ANCHOR: caught
    let wrong: [(_, fn(), Kind); 11] = [
        (
            "it does not wait for a thief",
            both_run::<Wrong<{ NeverWaits as u8 }>>,
            DataRace,
        ),
        (
            "a panic leaves the job behind",
            the_first_panics::<Wrong<{ LeavesItBehind as u8 }>>,
            DataRace,
        ),
        (
            "a job is forgotten",
            a_job_is_left::<Wrong<{ Forgets as u8 }>>,
            LostWakeUp,
        ),
        (
            "no look between saying that it sleeps and sleeping",
            both_run::<Wrong<{ NoSecondLook as u8 }>>,
            LostWakeUp,
        ),
        (
            "the thief wakes nobody",
            both_run::<Wrong<{ WakesNobody as u8 }>>,
            LostWakeUp,
        ),
        (
            "the thief wakes first",
            both_run::<Wrong<{ WakesFirst as u8 }>>,
            LostWakeUp,
        ),
        (
            "the thief reads the latch when it is set",
            both_run::<Wrong<{ WakesFromTheFrame as u8 }>>,
            DataRace,
        ),
        (
            "the latch does not publish",
            both_run::<Wrong<{ SetsRelaxed as u8 }>>,
            DataRace,
        ),
        ("a wait that only sleeps", only_sleeps, LostWakeUp),
        (
            "a wait that helps, but not once it has lain down",
            helps_and_sleeps,
            LostWakeUp,
        ),
        (
            "the look does not acquire",
            both_run::<Wrong<{ LooksRelaxed as u8 }>>,
            DataRace,
        ),
    ];
    // ANCHOR_END: caught
    caught("join", &wrong);
}
