//! Three-state mutexes that are wrong by a line.

use explorer::Kind;

use super::{
    Lock, one_tries, one_tries_between_two, one_tries_in_vain, two_increments,
    two_wait_for_one,
};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::futex;
use crate::modelled::{caught, holds};

const FREE: u32 = 0;
const LOCKED: u32 = 1;
const CONTENDED: u32 = 2;

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Does not look at what the last owner did.
    TakesRelaxed,
    /// The same, after a wait.
    TakesRelaxedAfterAWait,
    /// Does not show what it did.
    UnlocksRelaxed,
    /// Has two states: sleeps without a mark, and only a mark is woken for.
    LeavesNoMark,
    /// After a sleep takes the lock without the mark, while another may sleep.
    LosesTheMark,
    /// Sets the mark in a second step after the look.
    MarksInTwoSteps,
    /// Sleeps on whatever the word says by now.
    SleepsOnAnything,
    /// Has the lock when it wakes up: `if` for `while`.
    TrustsTheWakeUp,
    /// Wakes nobody.
    NeverWakes,
    /// Wakes before the lock is free.
    WakesFirst,
    /// Looks whether there is a mark, and lets go in a second step.
    UnlocksInTwoSteps,
    /// Wakes only who left no mark.
    WakesTheWrongOnes,
    /// Lets go before the last access.
    UnlocksEarly,
    /// Keeps the lock.
    NeverUnlocks,
    /// `try_lock` waits.
    TryLockWaits,
    /// `try_lock` takes the lock from its owner.
    TryLockSteals,
    /// `try_lock` writes LOCKED over the mark when it fails.
    TryLockWipesTheMark,
}

struct Wrong {
    slip: Slip,
    state: AtomicU32,
    value: UnsafeCell<u32>,
}

// SAFETY: none. The explorer is to find that out.
unsafe impl Sync for Wrong {}

impl Wrong {
    fn new(slip: Slip) -> Self {
        Self {
            slip,
            state: AtomicU32::new(FREE),
            value: UnsafeCell::new(0),
        }
    }

    fn lock(&self) {
        let order = match self.slip {
            Slip::TakesRelaxed => Relaxed,
            _ => Acquire,
        };
        // ORDERING: Acquire pairs with the Release in `unlock`.
        let taken = self.state.compare_exchange(FREE, LOCKED, order, Relaxed);
        if taken.is_err() {
            self.lock_contended();
        }
    }

    fn lock_contended(&self) {
        while !self.mark_or_take() {
            let expected = match self.slip {
                Slip::LeavesNoMark => LOCKED,
                // ORDERING: Relaxed. What is wrong is that it is looked at at all.
                Slip::SleepsOnAnything => self.state.load(Relaxed),
                _ => CONTENDED,
            };
            futex::wait(&self.state, expected);
            if self.slip == Slip::TrustsTheWakeUp {
                return;
            }
            if self.slip == Slip::LosesTheMark && self.take() {
                return;
            }
        }
    }

    /// Before a sleep: marks the lock, or takes it if it has come free.
    fn mark_or_take(&self) -> bool {
        match self.slip {
            Slip::LeavesNoMark => self.take(),
            Slip::MarksInTwoSteps => {
                // ORDERING: Acquire pairs with the Release in `unlock`.
                let is_free = self.state.load(Acquire) == FREE;
                // ORDERING: Relaxed. No ordering makes one step of two.
                self.state.store(CONTENDED, Relaxed);
                is_free
            }
            Slip::TakesRelaxedAfterAWait => {
                // ORDERING: Relaxed: what is wrong.
                self.state.swap(CONTENDED, Relaxed) == FREE
            }
            // ORDERING: Acquire pairs with the Release in `unlock`.
            _ => self.state.swap(CONTENDED, Acquire) == FREE,
        }
    }

    fn take(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `unlock`.
        let taken = self.state.compare_exchange(FREE, LOCKED, Acquire, Relaxed);
        taken.is_ok()
    }

    fn unlock(&self) {
        if self.slip == Slip::WakesFirst {
            futex::wake_one(&self.state);
        }
        let before = match self.slip {
            Slip::NeverUnlocks => return,
            Slip::UnlocksInTwoSteps => {
                // ORDERING: Relaxed, and Release as below. What is wrong is that these are
                // two steps.
                let before = self.state.load(Relaxed);
                // ORDERING: Release pairs with the Acquire in `lock`.
                self.state.store(FREE, Release);
                before
            }
            // ORDERING: Relaxed: what is wrong.
            Slip::UnlocksRelaxed => self.state.swap(FREE, Relaxed),
            // ORDERING: Release pairs with the Acquire in `lock` and `mark_or_take`.
            _ => self.state.swap(FREE, Release),
        };
        let wakes = match self.slip {
            Slip::NeverWakes | Slip::WakesFirst => false,
            Slip::WakesTheWrongOnes => before == LOCKED,
            _ => before == CONTENDED,
        };
        if wakes {
            futex::wake_one(&self.state);
        }
    }

    fn try_lock(&self) -> bool {
        match self.slip {
            Slip::TryLockWaits => {
                self.lock();
                true
            }
            Slip::TryLockSteals => {
                // ORDERING: Acquire pairs with the Release in `unlock`.
                self.state.swap(LOCKED, Acquire);
                true
            }
            Slip::TryLockWipesTheMark => {
                // ORDERING: Acquire pairs with the Release in `unlock`.
                self.state.swap(LOCKED, Acquire) == FREE
            }
            _ => self.take(),
        }
    }

    fn add_and_unlock(&self) -> u32 {
        if self.slip == Slip::UnlocksEarly {
            self.unlock();
        }
        let value = self.value.with_mut(|value| {
            // SAFETY: none, as above.
            unsafe {
                *value += 1;
                *value
            }
        });
        if self.slip != Slip::UnlocksEarly {
            self.unlock();
        }
        value
    }
}

impl Lock for Wrong {
    fn increment(&self) -> u32 {
        self.lock();
        self.add_and_unlock()
    }

    fn increment_during(&self, step: &mut dyn FnMut()) {
        self.lock();
        step();
        self.add_and_unlock();
    }

    fn try_increment(&self) -> Option<u32> {
        self.try_lock().then(|| self.add_and_unlock())
    }
}

macro_rules! wrong {
    ($($story:literal, $model:ident, $slip:ident, $kind:ident;)*) => {
        &[$(($story, || $model(Wrong::new(Slip::$slip)), Kind::$kind)),*]
    };
}

#[test]
fn wrong_versions_are_caught() {
    holds("the copy", || two_increments(Wrong::new(Slip::None)));
    holds("the copy", || two_wait_for_one(Wrong::new(Slip::None)));
    holds("the copy", || one_tries_between_two(Wrong::new(Slip::None)));
    holds("the copy", || one_tries_in_vain(Wrong::new(Slip::None)));
    caught(
        "mutex",
        // ANCHOR: caught
        wrong![
            "takes it relaxed", two_increments, TakesRelaxed, DataRace;
            "takes it relaxed after a wait", two_increments, TakesRelaxedAfterAWait, DataRace;
            "unlocks relaxed", two_increments, UnlocksRelaxed, DataRace;
            "leaves no mark", two_increments, LeavesNoMark, LostWakeUp;
            "loses the mark", two_wait_for_one, LosesTheMark, LostWakeUp;
            "marks in two steps", two_increments, MarksInTwoSteps, LostWakeUp;
            "sleeps on anything", two_increments, SleepsOnAnything, LostWakeUp;
            "trusts the wake-up", two_increments, TrustsTheWakeUp, DataRace;
            "never wakes", two_increments, NeverWakes, LostWakeUp;
            "wakes first", two_increments, WakesFirst, LostWakeUp;
            "unlocks in two steps", two_increments, UnlocksInTwoSteps, LostWakeUp;
            "wakes the wrong ones", two_increments, WakesTheWrongOnes, LostWakeUp;
            "unlocks early", two_increments, UnlocksEarly, DataRace;
            "never unlocks", two_increments, NeverUnlocks, LostWakeUp;
            "try_lock waits", one_tries_in_vain, TryLockWaits, LostWakeUp;
            "try_lock steals", one_tries, TryLockSteals, DataRace;
            "try_lock wipes the mark", one_tries_between_two, TryLockWipesTheMark, LostWakeUp;
        ],
        // ANCHOR_END: caught
    );
}
