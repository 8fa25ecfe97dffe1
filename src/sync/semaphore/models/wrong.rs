//! Semaphores that are wrong by a line.

use explorer::Kind;

use super::{
    Permits, excludes, no_room, one_gives_up, one_wants_many, publishes,
    two_want_all, two_want_one_each,
};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use crate::ground::futex;
use crate::ground::time::Duration;
use crate::modelled::caught;

/// What the wrong versions are made of.
struct Parts {
    available: AtomicU32,
    asleep: AtomicU32,
}

impl Parts {
    /// What a right version does.
    fn takes(&self, permits: usize) -> bool {
        // ORDERING: Acquire pairs with the SeqCst update in `adds`.
        let taken = self.available.try_update(Acquire, Relaxed, |available| {
            available.checked_sub(permits as u32)
        });
        taken.is_ok()
    }

    /// What a right version does.
    fn acquires(&self, permits: usize) {
        // ORDERING: SeqCst pairs with the load in `releases`.
        self.asleep.fetch_add(1, SeqCst);
        while !self.takes(permits) {
            self.sleeps(permits);
        }
        // ORDERING: Relaxed. If it is seen late, somebody is woken in vain.
        self.asleep.fetch_sub(1, Relaxed);
    }

    /// Sleeps while there are as many as there were: right for who wants one.
    fn sleeps(&self, permits: usize) {
        // ORDERING: Relaxed. Who wakes up looks again.
        let available = self.available.load(Relaxed);
        if available < permits as u32 {
            futex::wait(&self.available, available);
        }
    }

    /// As a right version, but for a limit.
    fn acquires_in_time(&self) -> bool {
        // ORDERING: SeqCst pairs with the load in `releases`.
        self.asleep.fetch_add(1, SeqCst);
        let mut is_time_left = true;
        let got = loop {
            if self.takes(1) {
                break true;
            }
            if !is_time_left {
                break false;
            }
            let limit = Duration::from_secs(1);
            is_time_left = futex::wait_timeout(&self.available, 0, limit);
        };
        // ORDERING: Relaxed, as in `acquires`.
        self.asleep.fetch_sub(1, Relaxed);
        got
    }

    /// What a right version does.
    fn adds(&self, permits: usize) {
        // ORDERING: SeqCst pairs with the Acquire in `takes`, and comes before the load in
        // `releases`.
        let added = self.available.try_update(SeqCst, Relaxed, |available| {
            available.checked_add(permits as u32)
        });
        assert!(added.is_ok(), "too many permits");
    }

    /// What a right version does.
    fn releases(&self, permits: usize) {
        self.adds(permits);
        // ORDERING: SeqCst pairs with the counting in `acquires`.
        if self.asleep.load(SeqCst) > 0 {
            futex::wake_all(&self.available);
        }
    }
}

/// A version with something else in the place of one of the three.
macro_rules! wrong {
    (
        $Name:ident, $story:literal
        $(, acquire: $acquire:expr)? $(, in_time: $in_time:expr)? $(, release: $release:expr)?
    ) => {
        #[doc = $story]
        struct $Name(Parts);

        #[allow(unused_assignments, unused_mut, reason = "one of them is replaced")]
        impl Permits for $Name {
            fn new(permits: usize) -> Self {
                Self(Parts {
                    available: AtomicU32::new(permits as u32),
                    asleep: AtomicU32::new(0),
                })
            }

            fn acquire(&self, permits: usize) {
                let mut acquire: fn(&Parts, usize) = Parts::acquires;
                $(acquire = $acquire;)?
                acquire(&self.0, permits);
            }

            fn acquire_in_time(&self) -> bool {
                let mut in_time: fn(&Parts) -> bool = Parts::acquires_in_time;
                $(in_time = $in_time;)?
                in_time(&self.0)
            }

            fn release(&self, permits: usize) {
                let mut release: fn(&Parts, usize) = Parts::releases;
                $(release = $release;)?
                release(&self.0, permits);
            }

            fn available(&self) -> usize {
                // ORDERING: Relaxed. Only the number matters.
                self.0.available.load(Relaxed) as usize
            }
        }
    };
}

wrong!(
    IfForWhile,
    "Does not look again after a wake-up.",
    acquire: |parts, permits| {
        // ORDERING: SeqCst pairs with the load in `releases`.
        parts.asleep.fetch_add(1, SeqCst);
        if !parts.takes(permits) {
            parts.sleeps(permits);
            // ORDERING: Acquire pairs with the update in `adds`.
            parts.available.fetch_sub(permits as u32, Acquire);
        }
        // ORDERING: Relaxed, as in `acquires`.
        parts.asleep.fetch_sub(1, Relaxed);
    }
);

wrong!(
    LooksThenTakes,
    "Sees a permit, and takes it in a second step.",
    acquire: |parts, permits| {
        // ORDERING: Acquire pairs with the update in `adds`.
        if (parts.available.load(Acquire) as usize) < permits {
            return parts.acquires(permits);
        }
        // ORDERING: Acquire pairs with the update in `adds`. No ordering makes one step of two.
        parts.available.fetch_sub(permits as u32, Acquire);
    }
);

wrong!(
    TakesThenLooks,
    "Takes a permit that may not be there, and puts it back: below zero is a large number.",
    acquire: |parts, permits| {
        let permits = permits as u32;
        // ORDERING: Acquire pairs with the update in `adds`.
        if parts.available.fetch_sub(permits, Acquire) < permits {
            // ORDERING: Relaxed. It undoes that.
            parts.available.fetch_add(permits, Relaxed);
            parts.acquires(permits as usize);
        }
    }
);

wrong!(
    OneByOne,
    "Takes many permits one after the other, and keeps some while it waits for the rest.",
    acquire: |parts, permits| (0..permits).for_each(|_| parts.acquires(1))
);

wrong!(
    NotCounted,
    "Sleeps without being counted, so that who brings a permit wakes nobody.",
    acquire: |parts, permits| {
        while !parts.takes(permits) {
            parts.sleeps(permits);
        }
    }
);

wrong!(
    CountsItselfTooLate,
    "Looks, finds nothing, and counts itself when it has woken up.",
    acquire: |parts, permits| {
        if !parts.takes(permits) {
            parts.sleeps(permits);
            parts.acquires(permits);
        }
    }
);

wrong!(
    TellsNobody,
    "Brings a permit back, and wakes nobody.",
    release: |parts, permits| parts.adds(permits)
);

wrong!(
    WakesFirst,
    "Wakes before the permits are there.",
    release: |parts, permits| {
        futex::wake_all(&parts.available);
        parts.adds(permits);
    }
);

wrong!(
    LooksForSleepersFirst,
    "Looks whether somebody sleeps, and adds the permits then.",
    release: |parts, permits| {
        // ORDERING: SeqCst pairs with the counting in `acquires`. It comes too early.
        let somebody_sleeps = parts.asleep.load(SeqCst) > 0;
        parts.adds(permits);
        if somebody_sleeps {
            futex::wake_all(&parts.available);
        }
    }
);

wrong!(
    WakesOne,
    "Wakes one, who may want more than there is, or leave some for another.",
    release: |parts, permits| {
        parts.adds(permits);
        futex::wake_one(&parts.available);
    }
);

wrong!(
    WakesIfItWasEmpty,
    "Wakes only when the first permit comes back.",
    release: |parts, permits| {
        // ORDERING: Release pairs with the Acquire in `takes`.
        let before = parts.available.fetch_add(permits as u32, Release);
        if before == 0 {
            futex::wake_one(&parts.available);
        }
    }
);

wrong!(
    AddsTwice,
    "Gives back a permit that it does not have.",
    release: |parts, permits| {
        parts.adds(permits);
        parts.releases(permits);
    }
);

wrong!(
    RunsOver,
    "Does not look whether there is room for one more permit: after the last comes zero.",
    release: |parts, permits| {
        // ORDERING: Release pairs with the Acquire in `takes`.
        parts.available.fetch_add(permits as u32, Release);
        futex::wake_all(&parts.available);
    }
);

wrong!(
    AddsThenLooks,
    "Looks whether there was room when the permit has been added.",
    release: |parts, permits| {
        // ORDERING: Release pairs with the Acquire in `takes`.
        let before = parts.available.fetch_add(permits as u32, Release);
        assert!(before.checked_add(permits as u32).is_some(), "too many permits");
    }
);

wrong!(
    GivesBackWhatItDidNotGet,
    "When time is up, it gives back the permit that it has not got.",
    in_time: |parts| {
        let got = parts.acquires_in_time();
        if !got {
            parts.adds(1);
        }
        got
    }
);

wrong!(
    GivesUpUnseen,
    "Is woken, and gives up without a look: the permit was meant for somebody.",
    in_time: |parts| {
        // ORDERING: SeqCst pairs with the load in `releases`.
        parts.asleep.fetch_add(1, SeqCst);
        let limit = Duration::from_secs(1);
        let got = parts.takes(1) || {
            futex::wait_timeout(&parts.available, 0, limit);
            false
        };
        // ORDERING: Relaxed, as in `acquires`.
        parts.asleep.fetch_sub(1, Relaxed);
        got
    },
    release: |parts, permits| {
        parts.adds(permits);
        // ORDERING: SeqCst pairs with the counting in `acquires`.
        if parts.asleep.load(SeqCst) > 0 {
            futex::wake_one(&parts.available);
        }
    }
);

#[test]
fn wrong_versions_are_caught() {
    use Kind::{Assertion, LostWakeUp};
    let wrong: &[(_, fn(), _)] = &[
        ("if for while", excludes::<IfForWhile, 1>, Assertion),
        (
            "looks, then takes",
            excludes::<LooksThenTakes, 1>,
            Assertion,
        ),
        (
            "takes, then looks",
            excludes::<TakesThenLooks, 1>,
            Assertion,
        ),
        ("one by one", two_want_all::<OneByOne>, LostWakeUp),
        ("not counted", publishes::<NotCounted>, LostWakeUp),
        (
            "counts itself too late",
            publishes::<CountsItselfTooLate>,
            LostWakeUp,
        ),
        ("tells nobody", publishes::<TellsNobody>, LostWakeUp),
        ("wakes first", publishes::<WakesFirst>, LostWakeUp),
        (
            "looks for sleepers first",
            publishes::<LooksForSleepersFirst>,
            LostWakeUp,
        ),
        ("wakes one", one_wants_many::<WakesOne>, LostWakeUp),
        (
            "wakes one of two",
            two_want_one_each::<WakesOne, 2>,
            LostWakeUp,
        ),
        (
            "wakes if it was empty",
            two_want_one_each::<WakesIfItWasEmpty, 1>,
            LostWakeUp,
        ),
        ("adds twice", excludes::<AddsTwice, 1>, Assertion),
        ("runs over", no_room::<RunsOver>, Assertion),
        ("adds, then looks", no_room::<AddsThenLooks>, Assertion),
        (
            "gives back what it did not get",
            one_gives_up::<GivesBackWhatItDidNotGet>,
            Assertion,
        ),
        ("gives up unseen", one_gives_up::<GivesUpUnseen>, LostWakeUp),
    ];
    caught("semaphore", wrong);
}
