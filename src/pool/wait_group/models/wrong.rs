//! Wait groups that are wrong by a line.

use explorer::Kind::{self, DataRace, LostWakeUp};

use super::*;
use crate::ground::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::sync::Mutex;
use crate::modelled::caught;
use crate::pool::latch::{self, Waker};

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Stands in line without looking at the count again.
    LooksOnce,
    /// Ends the round without looking whether somebody has come.
    EndsTooEarly,
    /// Waits for a count of zero.
    WaitsForZero,
    /// Wakes one of the line.
    WakesOne,
    /// Wakes, and then ends the round.
    WakesFirst,
    /// Notes the number of the round after it has given the lock back.
    NotesLate,
    /// Ends the round without the lock.
    NoLock,
}
use Slip::{
    EndsTooEarly, LooksOnce, NoLock, None as Right, NotesLate, WaitsForZero,
    WakesFirst, WakesOne,
};

struct Wrong<const SLIP: u8> {
    count: AtomicUsize,
    round: AtomicUsize,
    line: Mutex<Vec<Waker>>,
}

impl<const SLIP: u8> Wrong<SLIP> {
    fn slips(slip: Slip) -> bool {
        SLIP == slip as u8
    }

    fn is_zero(&self) -> bool {
        // ORDERING: Acquire, as in `Shared::is_zero`.
        self.count.load(Acquire) == 0
    }

    fn round(&self) -> usize {
        // ORDERING: Acquire, as in `WaitGroup::wait`.
        self.round.load(Acquire)
    }
}

impl<const SLIP: u8> Group for Wrong<SLIP> {
    fn new() -> Self {
        Self {
            count: AtomicUsize::new(0),
            round: AtomicUsize::new(0),
            line: Mutex::new(Vec::new()),
        }
    }

    fn enter(&self) {
        // ORDERING: Relaxed, as in `Shared::enter`.
        self.count.fetch_add(1, Relaxed);
    }

    fn leave(&self) {
        // ORDERING: Release, as in `Shared::leave`.
        if self.count.fetch_sub(1, Release) != 1 {
            return;
        }
        let end = || {
            // ORDERING: Release, as in `Shared::end_round`.
            self.round.fetch_add(1, Release);
        };
        if Self::slips(NoLock) && self.is_zero() {
            end();
        }
        let mut line = self.line.lock().unwrap();
        if !Self::slips(EndsTooEarly) && !self.is_zero() {
            return;
        }
        if Self::slips(WakesFirst) {
            line.drain(..).for_each(|waker| waker.wake());
        }
        if !Self::slips(NoLock) {
            end();
        }
        if Self::slips(WakesOne) {
            line.truncate(1);
        }
        line.drain(..).for_each(|waker| waker.wake());
    }

    fn wait(&self) {
        if self.is_zero() {
            return;
        }
        let mut line = self.line.lock().unwrap();
        if !Self::slips(LooksOnce) && self.is_zero() {
            return;
        }
        line.push(Waker::current());
        let mut round = self.round();
        drop(line);
        if Self::slips(NotesLate) {
            round = self.round();
        }
        if Self::slips(WaitsForZero) {
            latch::wait_until(&|| self.is_zero());
        } else {
            latch::wait_until(&|| self.round() != round);
        }
    }
}

#[test]
fn groups_that_are_wrong_by_a_line_are_caught() {
    // With nothing wrong, it holds.
    holds("as it is", one_member::<Wrong<{ Right as u8 }>>);
    let wrong: [(_, fn(), Kind); 7] = [
        (
            "who waits looks once",
            one_member::<Wrong<{ LooksOnce as u8 }>>,
            LostWakeUp,
        ),
        (
            "the round ends too early",
            two_rounds::<Wrong<{ EndsTooEarly as u8 }>>,
            DataRace,
        ),
        (
            "who waits waits for zero",
            rounds_go_by::<Wrong<{ WaitsForZero as u8 }>>,
            LostWakeUp,
        ),
        (
            "one of the line is woken",
            two_waiters::<Wrong<{ WakesOne as u8 }>>,
            LostWakeUp,
        ),
        (
            "it wakes, and then the round ends",
            one_member::<Wrong<{ WakesFirst as u8 }>>,
            LostWakeUp,
        ),
        (
            "the round is noted without the lock",
            one_member::<Wrong<{ NotesLate as u8 }>>,
            LostWakeUp,
        ),
        (
            "the round ends without the lock",
            one_member::<Wrong<{ NoLock as u8 }>>,
            LostWakeUp,
        ),
    ];
    caught("wait_group", &wrong);
}
