//! The barrier under the model checker, and versions that are wrong by a line.
#![allow(unsafe_code, reason = "what a barrier orders is plain memory")]

use explorer::Kind;

use super::Barrier;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::futex;
use crate::ground::sync::Arc;
use crate::modelled::{
    caught, holds, holds_for_reasons, needs_its_orderings, start,
};

/// A barrier, or what somebody took for one.
trait Meeting: Send + Sync + 'static {
    fn new(threads: u32) -> Self;
    /// Whether the caller leads.
    fn wait(&self) -> bool;
}

impl Meeting for Barrier {
    fn new(threads: u32) -> Self {
        Self::new(threads as usize)
    }

    fn wait(&self) -> bool {
        self.wait().is_leader()
    }
}

/// What the wrong versions are made of: for as many threads as there are, and no more.
struct Parts {
    threads: u32,
    arrived: AtomicU32,
    round: AtomicU32,
}

impl Parts {
    /// Whether the caller is the last. What a version does that is right for so many.
    fn arrives(&self) -> bool {
        // ORDERING: AcqRel. Each pairs with those before and behind it, in `arrives`.
        self.arrived.fetch_add(1, AcqRel) + 1 == self.threads
    }

    /// What such a version does.
    fn ends(&self) {
        // ORDERING: Relaxed. Who sees the end of the round sees it.
        self.arrived.store(0, Relaxed);
        // ORDERING: Release pairs with the Acquire in `sleeps`.
        self.round.fetch_add(1, Release);
        futex::wake_all(&self.round);
    }

    /// What such a version does.
    fn sleeps(&self, mine: u32) {
        // ORDERING: Acquire pairs with the Release in `ends`.
        while self.round.load(Acquire) == mine {
            futex::wait(&self.round, mine);
        }
    }

    /// What such a version does.
    fn round(&self) -> u32 {
        // ORDERING: Relaxed. The round cannot end before the caller has come.
        self.round.load(Relaxed)
    }
}

/// A version that waits in this way.
macro_rules! wrong {
    ($Name:ident, $story:literal, $wait:expr) => {
        #[doc = $story]
        struct $Name(Parts);

        impl Meeting for $Name {
            fn new(threads: u32) -> Self {
                Self(Parts {
                    threads,
                    arrived: AtomicU32::new(0),
                    round: AtomicU32::new(0),
                })
            }

            fn wait(&self) -> bool {
                let wait: fn(&Parts) -> bool = $wait;
                wait(&self.0)
            }
        }
    };
}

wrong!(
    NoRounds,
    "Waits until the count is zero again, in whichever round.",
    |parts| {
        let leads = parts.arrives();
        if leads {
            // ORDERING: Release pairs with the Acquire below, in `wrong`.
            parts.arrived.store(0, Release);
            futex::wake_all(&parts.arrived);
            return true;
        }
        loop {
            // ORDERING: Acquire pairs with the Release above, in `wrong`.
            let arrived = parts.arrived.load(Acquire);
            if arrived == 0 {
                return false;
            }
            futex::wait(&parts.arrived, arrived);
        }
    }
);

wrong!(
    LooksForTheRoundTooLate,
    "Comes, and asks then which round it is: it may be the next already.",
    |parts| {
        let leads = parts.arrives();
        let mine = parts.round();
        if leads {
            parts.ends();
        } else {
            parts.sleeps(mine);
        }
        leads
    }
);

wrong!(
    SetsBackTooLate,
    "Ends the round, and sets the count back when somebody may be in the next.",
    |parts| {
        let mine = parts.round();
        let leads = parts.arrives();
        if leads {
            // ORDERING: Release pairs with the Acquire in `sleeps`.
            parts.round.fetch_add(1, Release);
            // ORDERING: Relaxed. It is too late for any ordering.
            parts.arrived.store(0, Relaxed);
            futex::wake_all(&parts.round);
        } else {
            parts.sleeps(mine);
        }
        leads
    }
);

wrong!(
    TwoSteps,
    "Looks how many have come, and counts itself in a second step.",
    |parts| {
        let mine = parts.round();
        // ORDERING: Acquire and Release, as in `arrives`. No ordering makes one step of two.
        let arrived = parts.arrived.load(Acquire) + 1;
        // ORDERING: Release pairs with the Acquire in `arrives`, and with the look above.
        parts.arrived.store(arrived, Release);
        let leads = arrived == parts.threads;
        if leads {
            parts.ends();
        } else {
            parts.sleeps(mine);
        }
        leads
    }
);

wrong!(
    TellsNobody,
    "The last to come goes on, and wakes nobody.",
    |parts| {
        let mine = parts.round();
        let leads = parts.arrives();
        if leads {
            // ORDERING: Relaxed, as in `ends`.
            parts.arrived.store(0, Relaxed);
            // ORDERING: Release pairs with the Acquire in `sleeps`.
            parts.round.fetch_add(1, Release);
        } else {
            parts.sleeps(mine);
        }
        leads
    }
);

wrong!(WakesOne, "Wakes one of those who wait.", |parts| {
    let mine = parts.round();
    let leads = parts.arrives();
    if leads {
        // ORDERING: Relaxed, as in `ends`.
        parts.arrived.store(0, Relaxed);
        // ORDERING: Release pairs with the Acquire in `sleeps`.
        parts.round.fetch_add(1, Release);
        futex::wake_one(&parts.round);
    } else {
        parts.sleeps(mine);
    }
    leads
});

wrong!(
    WakesFirst,
    "Wakes the others, and ends the round then.",
    |parts| {
        let mine = parts.round();
        let leads = parts.arrives();
        if leads {
            futex::wake_all(&parts.round);
            // ORDERING: Relaxed, as in `ends`.
            parts.arrived.store(0, Relaxed);
            // ORDERING: Release pairs with the Acquire in `sleeps`.
            parts.round.fetch_add(1, Release);
        } else {
            parts.sleeps(mine);
        }
        leads
    }
);

wrong!(
    IfForWhile,
    "Does not look again after a wake-up.",
    |parts| {
        let mine = parts.round();
        let leads = parts.arrives();
        if leads {
            parts.ends();
        } else {
            // ORDERING: Acquire pairs with the Release in `ends`.
            if parts.round.load(Acquire) == mine {
                futex::wait(&parts.round, mine);
            }
        }
        leads
    }
);

wrong!(EverybodyLeads, "Tells all that they lead.", |parts| {
    let mine = parts.round();
    if parts.arrives() {
        parts.ends();
    } else {
        parts.sleeps(mine);
    }
    true
});

wrong!(OneTooEarly, "Lets them go when one is missing.", |parts| {
    let mine = parts.round();
    // ORDERING: AcqRel, as in `arrives`.
    let arrived = parts.arrived.fetch_add(1, AcqRel) + 1;
    if arrived + 1 >= parts.threads {
        parts.ends();
    } else {
        parts.sleeps(mine);
    }
    arrived == parts.threads
});

/// A barrier, and a place for each thread.
struct Pages<B>(B, [UnsafeCell<u32>; 3]);

// SAFETY: none for a wrong `B`. The explorer is to find that out.
unsafe impl<B: Sync> Sync for Pages<B> {}

impl<B: Meeting> Pages<B> {
    fn new(threads: u32) -> Arc<Self> {
        Arc::new(Self(B::new(threads), [1, 2, 3].map(|_| UnsafeCell::new(0))))
    }

    /// Writes the own page, meets the others, and reads theirs. Whether it leads.
    fn meet<const THREADS: usize>(&self, number: usize) -> bool {
        // SAFETY: nobody else reaches it before the barrier, or the barrier is wrong.
        self.1[number].with_mut(|page| unsafe { *page += 1 });
        let leads = self.0.wait();
        for page in &self.1[..THREADS] {
            // SAFETY: nobody writes it after the barrier, or the barrier is wrong.
            let page = page.with(|page| unsafe { *page });
            assert_eq!(page, 1, "a page is read before it is written");
        }
        leads
    }
}

/// Each sees what the others did before they came; and one leads.
fn publishes<B: Meeting>() {
    let pages = Pages::<B>::new(2);
    let other = start(&pages, |pages| pages.meet::<2>(1));
    let leads = pages.meet::<2>(0);
    assert!(
        leads != other.join().unwrap(),
        "one leads, and one does not"
    );
}

/// The same, with three.
fn three_publish<B: Meeting>() {
    let pages = Pages::<B>::new(3);
    let others =
        [1, 2].map(|number| start(&pages, move |pages| pages.meet::<3>(number)));
    let mut leaders = u32::from(pages.meet::<3>(0));
    for other in others {
        leaders += u32::from(other.join().unwrap());
    }
    assert_eq!(leaders, 1, "one of them leads");
}

/// Two threads meet twice.
fn two_rounds<B: Meeting>() {
    let barrier = Arc::new(B::new(2));
    let other = start(&barrier, |barrier| (barrier.wait(), barrier.wait()));
    let mine = (barrier.wait(), barrier.wait());
    let theirs = other.join().unwrap();
    assert!(mine.0 != theirs.0 && mine.1 != theirs.1, "one leads, twice");
}

/// Four threads come to a barrier for two: any two of them meet, then the other two.
fn two_pairs<B: Meeting>() {
    let barrier = Arc::new(B::new(2));
    let others = [(); 3].map(|()| start(&barrier, B::wait));
    let mut leaders = u32::from(barrier.wait());
    for other in others {
        leaders += u32::from(other.join().unwrap());
    }
    assert_eq!(leaders, 2, "one of each pair leads");
}

#[test]
fn nobody_goes_on_until_all_have_come() {
    holds("two threads", publishes::<Barrier>);
    holds("three threads", three_publish::<Barrier>);
    holds("two threads, two rounds", two_rounds::<Barrier>);
    holds_for_reasons("two pairs", two_pairs::<Barrier>);
    holds("alone", || {
        assert!(Barrier::new(0).wait().is_leader());
        let barrier = Barrier::new(1);
        assert!(barrier.wait().is_leader() && barrier.wait().is_leader());
    });
}

#[test]
fn wrong_versions_are_caught() {
    use Kind::{Assertion, DataRace, LostWakeUp};
    let wrong: &[(_, fn(), _)] = &[
        ("no rounds", two_rounds::<NoRounds>, LostWakeUp),
        (
            "looks for the round too late",
            publishes::<LooksForTheRoundTooLate>,
            LostWakeUp,
        ),
        (
            "sets back too late",
            two_rounds::<SetsBackTooLate>,
            LostWakeUp,
        ),
        ("two steps", publishes::<TwoSteps>, LostWakeUp),
        ("tells nobody", publishes::<TellsNobody>, LostWakeUp),
        ("wakes one", three_publish::<WakesOne>, LostWakeUp),
        ("wakes first", publishes::<WakesFirst>, LostWakeUp),
        ("if for while", publishes::<IfForWhile>, DataRace),
        ("everybody leads", publishes::<EverybodyLeads>, Assertion),
        ("one too early", publishes::<OneTooEarly>, Assertion),
        (
            "a round that more come to than fit",
            two_pairs::<RightForTwo>,
            LostWakeUp,
        ),
    ];
    caught("barrier", wrong);
}

wrong!(
    RightForTwo,
    "Right for as many threads as there are in a round. A third one, who comes while the last
     ends the round, is set back with the others.",
    |parts| {
        let mine = parts.round();
        let leads = parts.arrives();
        if leads {
            parts.ends();
        } else {
            parts.sleeps(mine);
        }
        leads
    }
);

#[test]
fn each_ordering_is_needed() {
    let models: [(_, fn()); 2] = [
        ("two threads", publishes::<Barrier>),
        ("three threads", three_publish::<Barrier>),
    ];
    needs_its_orderings("barrier", &models, &[]);
}
