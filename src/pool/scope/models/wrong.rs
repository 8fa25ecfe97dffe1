//! Counts that are wrong by a line.

use explorer::Kind::{self, Assertion, DataRace, LostWakeUp};

use super::*;
use crate::ground::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use crate::modelled::caught;
use crate::pool::latch::{self, Waker};

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// A job takes itself off before it has done its work.
    EndsFirst,
    /// The body is not counted.
    NobodysShare,
    /// A job counts itself, when it begins.
    CountsItself,
    /// The body waits for zero, and not to be told by the last one.
    LooksAtTheCount,
    /// The last one looks whom to wake after it has said that it is done.
    WakesFromTheFrame,
    /// The last one wakes, and then says that it is done.
    WakesFirst,
    /// The last one wakes nobody.
    WakesNobody,
}
use Slip::{
    CountsItself, EndsFirst, LooksAtTheCount, NobodysShare, None as Right,
    WakesFirst, WakesFromTheFrame, WakesNobody,
};

struct Wrong<const SLIP: u8> {
    left: AtomicUsize,
    done: AtomicBool,
    waker: Waker,
}

impl<const SLIP: u8> Wrong<SLIP> {
    fn slips(slip: Slip) -> bool {
        SLIP == slip as u8
    }

    unsafe fn end(this: NonNull<Self>) {
        // SAFETY: as in `Count::end`, if nothing is wrong.
        let (left, done, waker) = unsafe {
            let this = this.as_ptr();
            (&(*this).left, &(*this).done, &raw const (*this).waker)
        };
        // ORDERING: AcqRel, as in `Count::end`.
        if left.fetch_sub(1, AcqRel) != 1 {
            return;
        }
        // SAFETY: as in `Done::set_done`.
        let clone = || unsafe { &*waker }.clone();
        if Self::slips(WakesFromTheFrame) {
            // ORDERING: Release, as in `Done::set_done`.
            done.store(true, Release);
            // ORDERING: Relaxed. What a read of the waker is to the explorer.
            left.load(Relaxed);
            clone().wake();
            return;
        }
        let waker = clone();
        if Self::slips(WakesFirst) {
            waker.wake();
        }
        // ORDERING: Release, as in `Done::set_done`; pairs with the Acquire in `wait`.
        done.store(true, Release);
        if !Self::slips(WakesFirst) && !Self::slips(WakesNobody) {
            waker.wake();
        }
    }
}

impl<const SLIP: u8> Counts for Wrong<SLIP> {
    fn new() -> Self {
        Self {
            left: AtomicUsize::new(usize::from(!Self::slips(NobodysShare))),
            done: AtomicBool::new(false),
            waker: Waker::current(),
        }
    }

    fn add(&self) {
        if !Self::slips(CountsItself) {
            // ORDERING: Relaxed, as in `Count::add`.
            self.left.fetch_add(1, Relaxed);
        }
    }

    unsafe fn run(this: NonNull<Self>, work: impl FnOnce()) {
        if Self::slips(CountsItself) {
            // ORDERING: as above.
            // SAFETY: none, that is what is wrong.
            unsafe { &(*this.as_ptr()).left }.fetch_add(1, Relaxed);
        }
        if Self::slips(EndsFirst) {
            // SAFETY: as in `Count::run`.
            unsafe { Self::end(this) };
            work();
        } else {
            work();
            // SAFETY: as in `Count::run`.
            unsafe { Self::end(this) };
        }
    }

    fn wait(&self) {
        let last = if Self::slips(NobodysShare) {
            // ORDERING: Acquire pairs with the AcqRel in `end`.
            self.left.load(Acquire) == 0
        } else {
            // ORDERING: Acquire, as in `Count::wait`.
            self.left.fetch_sub(1, Acquire) == 1
        };
        if last {
            return;
        }
        if Self::slips(LooksAtTheCount) {
            // ORDERING: Acquire pairs with the AcqRel in `end`.
            latch::wait_until(&|| self.left.load(Acquire) == 0);
        } else {
            // ORDERING: Acquire, as in `Done::is_set`.
            latch::wait_until(&|| self.done.load(Acquire));
        }
    }
}

#[test]
fn counts_that_are_wrong_by_a_line_are_caught() {
    // With nothing wrong, they hold.
    holds("as it is", a_job_and_the_body::<Wrong<{ Right as u8 }>>);
    let wrong: [(_, fn(), Kind); 7] = [
        (
            "it ends before its last use",
            a_job_and_the_body::<Wrong<{ EndsFirst as u8 }>>,
            DataRace,
        ),
        (
            "the body is not counted",
            two_jobs::<Wrong<{ NobodysShare as u8 }>>,
            DataRace,
        ),
        (
            "a job counts itself",
            a_job_and_the_body::<Wrong<{ CountsItself as u8 }>>,
            Assertion,
        ),
        (
            "the body looks at the count",
            a_job_and_the_body::<Wrong<{ LooksAtTheCount as u8 }>>,
            DataRace,
        ),
        (
            "the waker is read from a frame that is gone",
            a_job_and_the_body::<Wrong<{ WakesFromTheFrame as u8 }>>,
            DataRace,
        ),
        (
            "it wakes, and then is done",
            a_job_and_the_body::<Wrong<{ WakesFirst as u8 }>>,
            LostWakeUp,
        ),
        (
            "the last one wakes nobody",
            a_job_and_the_body::<Wrong<{ WakesNobody as u8 }>>,
            LostWakeUp,
        ),
    ];
    caught("scope", &wrong);
}
