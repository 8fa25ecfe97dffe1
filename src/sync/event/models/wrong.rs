//! Events that are wrong by a line.

use explorer::Kind;

use super::super::auto::{self, LET_GO, WAITER};
use super::super::{Limit, SET};
use super::{
    Happens, LIMIT, a_reset_sees, all_go, one_each, one_gives_up,
    one_set_two_waiters, publishes, set_and_reset,
};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::futex;
use crate::modelled::caught;

/// A version made of one word, 0 or 1, with something else in the place of one of its parts.
macro_rules! wrong {
    (
        $Name:ident, $story:literal
        $(, set: $set:expr)? $(, wait: $wait:expr)? $(, in_time: $in_time:expr)?
        $(, reset: $reset:expr)?
    ) => {
        #[doc = $story]
        struct $Name(AtomicU32);

        #[allow(unused_assignments, unused_mut, reason = "one of them is replaced")]
        impl Happens for $Name {
            fn new() -> Self {
                Self(AtomicU32::new(0))
            }

            fn set(&self) {
                let mut set: fn(&AtomicU32) = sets;
                $(set = $set;)?
                set(&self.0);
            }

            fn reset(&self) {
                let mut reset: fn(&AtomicU32) = resets;
                $(reset = $reset;)?
                reset(&self.0);
            }

            fn wait(&self) {
                let mut wait: fn(&AtomicU32) = waits;
                $(wait = $wait;)?
                wait(&self.0);
            }

            fn wait_in_time(&self) -> bool {
                let mut in_time: fn(&AtomicU32) -> bool = in_time;
                $(in_time = $in_time;)?
                in_time(&self.0)
            }

            fn is_set(&self) -> bool {
                // ORDERING: Acquire pairs with the Release in `sets`.
                self.0.load(Acquire) & SET != 0
            }

            fn word(&self) -> u32 {
                // ORDERING: Relaxed. Only the value matters.
                self.0.load(Relaxed)
            }
        }
    };
}

/// As a right version, for a gate that is never closed.
fn sets(word: &AtomicU32) {
    // ORDERING: Release pairs with the Acquire operations in `waits` and `takes`.
    word.store(1, Release);
    futex::wake_all(word);
}

/// As a right version.
fn resets(word: &AtomicU32) {
    // ORDERING: Acquire pairs with the Release in `sets`.
    word.swap(0, Acquire);
}

/// As a right version, for a gate that is never closed.
fn waits(word: &AtomicU32) {
    // ORDERING: Acquire pairs with the Release in `sets`.
    while word.load(Acquire) == 0 {
        futex::wait(word, 0);
    }
}

/// As a right version, for a gate that is never closed.
fn in_time(word: &AtomicU32) -> bool {
    // ORDERING: Acquire pairs with the Release in `sets`.
    if word.load(Acquire) == 0 {
        futex::wait_timeout(word, 0, LIMIT);
    }
    // ORDERING: Acquire pairs with the Release in `sets`.
    word.load(Acquire) != 0
}

wrong!(
    IfForWhile,
    "Does not look again after a wake-up.",
    wait: |word| {
        // ORDERING: Acquire pairs with the Release in `sets`.
        if word.load(Acquire) == 0 {
            futex::wait(word, 0);
        }
    }
);

wrong!(
    TellsNobody,
    "Sets it, and wakes nobody.",
    set: |word| {
        // ORDERING: Release pairs with the Acquire in `waits`.
        word.store(1, Release);
    }
);

wrong!(
    WakesFirst,
    "Wakes, and sets it then.",
    set: |word| {
        futex::wake_all(word);
        // ORDERING: Release pairs with the Acquire in `waits`.
        word.store(1, Release);
    }
);

wrong!(
    WakesOne,
    "A gate that wakes one of those who wait.",
    set: |word| {
        // ORDERING: Release pairs with the Acquire in `waits`.
        word.store(1, Release);
        futex::wake_one(word);
    }
);

wrong!(
    ForgetsWhoWaited,
    "A gate that is a flag, and a mark: who is slow to wake up finds it closed again.",
    set: |word| {
        // ORDERING: Release pairs with the Acquire below, in `wrong`.
        if word.swap(SET, Release) & !SET != 0 {
            futex::wake_all(word);
        }
    },
    wait: |word| loop {
        // ORDERING: Acquire pairs with the Release above, in `wrong`.
        let seen = word.load(Acquire);
        if seen & SET != 0 {
            return;
        }
        // ORDERING: Relaxed. The mark carries nothing.
        if word.compare_exchange(seen, 2, Relaxed, Relaxed).is_ok() {
            futex::wait(word, 2);
        }
    },
    reset: |word| {
        // ORDERING: Acquire pairs with the Release above, in `wrong`.
        word.fetch_and(!SET, Acquire);
    }
);

wrong!(
    SetsOnlyWhatIsNotSet,
    "Sees that it is set, and does nothing: what came before this call goes with no set.",
    set: |word| {
        // ORDERING: Relaxed. Nothing is read on the strength of it.
        if word.load(Relaxed) == 0 {
            sets(word);
        }
    }
);

wrong!(
    ResetsWithoutALook,
    "Closes the gate with a store, and so without seeing what it was opened for.",
    reset: |word| {
        // ORDERING: Relaxed: what is wrong.
        word.store(0, Relaxed);
    }
);

wrong!(
    LooksThenTakes,
    "A ticket that is seen, and taken in a second step.",
    in_time: |word| {
        let is_set = in_time(word);
        if is_set {
            // ORDERING: Relaxed. No ordering makes one step of two.
            word.store(0, Relaxed);
        }
        is_set
    }
);

wrong!(
    TakesNothing,
    "An auto-reset event that nobody resets.",
    in_time: in_time
);

wrong!(
    ForgetsTheSecond,
    "Counts those who wait, but the ticket is a flag: the second set comes before the first
     has woken anybody.",
    set: |word| {
        // ORDERING: Release pairs with the Acquire below, in `wrong`.
        let before = word.fetch_or(SET, Release);
        if before & SET == 0 && before != 0 {
            futex::wake_one(word);
        }
    },
    wait: |word| {
        // ORDERING: Relaxed. The count carries nothing.
        word.fetch_add(WAITER, Relaxed);
        let leave = |word| (word & SET != 0).then(|| (word & !SET) - WAITER);
        // ORDERING: Acquire pairs with the Release above, in `wrong`.
        while let Err(seen) = word.try_update(Acquire, Relaxed, leave) {
            futex::wait(word, seen);
        }
    }
);

wrong!(
    LeavesInTwoSteps,
    "Time is up, it has not been let go, it leaves: in between it has been let go.",
    set: auto::set,
    wait: |word| {
        auto::wait(word, || Limit::NONE);
    },
    in_time: |word| {
        // ORDERING: Relaxed. The count carries nothing.
        let seen = word.fetch_add(WAITER, Relaxed) + WAITER;
        futex::wait_timeout(word, seen, LIMIT);
        // ORDERING: Acquire pairs with the Release in `set`.
        let let_go = word.load(Acquire) / LET_GO > 0;
        let one = if let_go { LET_GO + WAITER } else { WAITER };
        // ORDERING: Relaxed. No ordering makes one step of two.
        word.fetch_sub(one, Relaxed);
        let_go
    }
);

#[test]
fn wrong_versions_are_caught() {
    use Kind::{Assertion, DataRace, LostWakeUp};
    let wrong: &[(_, fn(), _)] = &[
        ("if for while", publishes::<IfForWhile>, DataRace),
        ("tells nobody", publishes::<TellsNobody>, LostWakeUp),
        ("wakes first", publishes::<WakesFirst>, LostWakeUp),
        ("wakes one", all_go::<WakesOne>, LostWakeUp),
        (
            "forgets who waited",
            set_and_reset::<ForgetsWhoWaited>,
            LostWakeUp,
        ),
        (
            "sets only what is not set",
            a_reset_sees::<SetsOnlyWhatIsNotSet, true>,
            DataRace,
        ),
        (
            "resets without a look",
            a_reset_sees::<ResetsWithoutALook, false>,
            DataRace,
        ),
        (
            "looks, then takes",
            one_set_two_waiters::<LooksThenTakes>,
            Assertion,
        ),
        (
            "takes nothing",
            one_set_two_waiters::<TakesNothing>,
            Assertion,
        ),
        (
            "forgets the second",
            one_each::<ForgetsTheSecond>,
            LostWakeUp,
        ),
        (
            "leaves in two steps",
            one_gives_up::<LeavesInTwoSteps>,
            Assertion,
        ),
    ];
    caught("event", wrong);
}
