//! The semaphores under the model checker, and versions that are wrong by a line.
#![allow(unsafe_code, reason = "what a permit allows is to reach a cell")]

use explorer::{Kind, Model};

use super::{v1_one_word, v2_counted};
use crate::ground::atomic::{
    AtomicBool, AtomicU32, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::futex;
use crate::ground::sync::Arc;
use crate::ground::thread;
use crate::ground::time::Duration;
use crate::modelled::{
    caught, holds, holds_for_reasons, needs_its_orderings, start,
};

/// A semaphore, or what somebody took for one.
trait Permits: Send + Sync + 'static {
    fn new(permits: usize) -> Self;
    fn acquire(&self, permits: usize);
    /// Whether it got one in time.
    fn acquire_in_time(&self) -> bool;
    fn release(&self, permits: usize);
    fn available(&self) -> usize;
}

macro_rules! right {
    ($($version:ident)*) => { $(
        impl Permits for $version::Semaphore {
            fn new(permits: usize) -> Self {
                Self::new(permits)
            }

            fn acquire(&self, permits: usize) {
                self.acquire_many(permits).forget();
            }

            fn acquire_in_time(&self) -> bool {
                let got = self.acquire_timeout(Duration::from_secs(1));
                got.map(|permit| permit.forget()).is_ok()
            }

            fn release(&self, permits: usize) {
                self.release(permits);
            }

            fn available(&self) -> usize {
                self.available()
            }
        }
    )* };
}
right!(v1_one_word v2_counted);

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
        // ORDERING: Acquire, as above. No ordering makes one step of two.
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
        // ORDERING: SeqCst. It is too early for any ordering.
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

/// One more thread than there are permits: no more than that are inside at a time.
fn excludes<S: Permits, const PERMITS: usize>() {
    let shared = Arc::new((S::new(PERMITS), AtomicUsize::new(0)));
    let pass = |(semaphore, inside): &(S, AtomicUsize)| {
        semaphore.acquire(1);
        // ORDERING: Relaxed. Only the count matters.
        let others = inside.fetch_add(1, Relaxed);
        assert!(others < PERMITS, "more are inside than there are permits");
        // ORDERING: Relaxed, as above.
        inside.fetch_sub(1, Relaxed);
        semaphore.release(1);
    };
    let others = [(); PERMITS].map(|()| start(&shared, pass));
    pass(&shared);
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(shared.0.available(), PERMITS, "not all permits are back");
}

/// A number that only a permit protects.
struct Guarded<S>(S, UnsafeCell<u32>);

// SAFETY: none for a wrong `S`. The explorer is to find that out.
unsafe impl<S: Sync> Sync for Guarded<S> {}

impl<S: Permits> Guarded<S> {
    fn add(&self) {
        // SAFETY: the caller has the only permit, or a wrong semaphore.
        self.1.with_mut(|number| unsafe { *number += 1 });
    }
}

/// Who gets the permit sees what came before it was given back.
fn publishes<S: Permits>() {
    let shared = Arc::new(Guarded(S::new(0), UnsafeCell::new(0)));
    let giver = start(&shared, |shared| {
        shared.add();
        shared.0.release(1);
    });
    shared.0.acquire(1);
    shared.add();
    giver.join().unwrap();
}

/// One waits for two permits and one for one. The first that comes is for the second.
fn one_wants_many<S: Permits>() {
    let semaphore = Arc::new(S::new(0));
    let many = start(&semaphore, |semaphore| semaphore.acquire(2));
    let one = start(&semaphore, |semaphore| semaphore.acquire(1));
    semaphore.release(1);
    one.join().unwrap();
    semaphore.release(2);
    many.join().unwrap();
}

/// The same, if the permit had been there before, and was taken meanwhile and came back: the
/// number of permits is what it was, and what they protect is not.
fn publishes_twice<S: Permits>() {
    let shared = Arc::new(Guarded(S::new(0), UnsafeCell::new(0)));
    let giver = start(&shared, |shared| {
        shared.add();
        shared.0.release(1);
        shared.0.acquire(1);
        shared.add();
        shared.0.release(1);
    });
    shared.0.acquire(1);
    shared.add();
    shared.0.release(1);
    giver.join().unwrap();
}

/// Who gets many sees what came before each of them was given back.
fn many_publish<S: Permits>() {
    let shared = Arc::new(Guarded(S::new(0), UnsafeCell::new(0)));
    let giver = start(&shared, |shared| {
        shared.add();
        shared.0.release(2);
    });
    shared.0.acquire(2);
    shared.add();
    giver.join().unwrap();
}

/// Two wait for one permit each, which come back one by one, or all at once.
fn two_want_one_each<S: Permits, const AT_ONCE: usize>() {
    let semaphore = Arc::new(S::new(0));
    let others =
        [(); 2].map(|()| start(&semaphore, |semaphore| semaphore.acquire(1)));
    (0..2 / AT_ONCE).for_each(|_| semaphore.release(AT_ONCE));
    for other in others {
        other.join().unwrap();
    }
}

/// Two threads each want all that there is.
fn two_want_all<S: Permits>() {
    let semaphore = Arc::new(S::new(2));
    let other = start(&semaphore, |semaphore| {
        semaphore.acquire(2);
        semaphore.release(2);
    });
    semaphore.acquire(2);
    semaphore.release(2);
    other.join().unwrap();
}

/// There is room for one more permit, and two are brought: one of the two is refused, and
/// nobody ever sees another number than it should be.
fn no_room<S: Permits>() {
    let semaphore = Arc::new(S::new(v2_counted::Semaphore::MAX - 1));
    let others =
        [(); 2].map(|()| start(&semaphore, |semaphore| semaphore.release(1)));
    let seen = semaphore.available();
    assert!(seen + 1 >= v2_counted::Semaphore::MAX, "{seen} permits");
    let refused = others.map(|other| other.join().is_err());
    assert!(refused[0] != refused[1], "one of them is one too many");
    assert_eq!(semaphore.available(), v2_counted::Semaphore::MAX);
}

/// A permit comes, for one who waits for a time and one who waits until there is one. In a
/// model the time is up, or not, whenever it can be.
fn one_gives_up<S: Permits>() {
    let semaphore = Arc::new(S::new(0));
    let hasty = start(&semaphore, S::acquire_in_time);
    let patient = start(&semaphore, |semaphore| semaphore.acquire(1));
    semaphore.release(1);
    if hasty.join().unwrap() {
        semaphore.release(1);
    }
    patient.join().unwrap();
    assert_eq!(
        semaphore.available(),
        0,
        "there is a permit that nobody brought"
    );
}

#[test]
fn a_semaphore_keeps_its_promises_in_every_order() {
    fn keeps<S: Permits>() {
        holds("two threads, one permit", excludes::<S, 1>);
        holds("a permit publishes", publishes::<S>);
        holds("permits publish", many_publish::<S>);
        holds("a permit publishes twice", publishes_twice::<S>);
        holds("two want all", two_want_all::<S>);
        holds("no room", no_room::<S>);
        // Three threads. Nobody wakes for no reason here, for that makes a model too large;
        // above they do.
        holds_for_reasons("one wants many", one_wants_many::<S>);
        holds_for_reasons("two want one, one by one", two_want_one_each::<S, 1>);
        holds_for_reasons("two want one, at once", two_want_one_each::<S, 2>);
        holds_for_reasons("one gives up", one_gives_up::<S>);
    }
    keeps::<v1_one_word::Semaphore>();
    keeps::<v2_counted::Semaphore>();
}

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

#[test]
fn each_ordering_is_needed() {
    let v1: [(_, fn()); 1] = [("v1", publishes::<v1_one_word::Semaphore>)];
    needs_its_orderings("semaphore v1", &v1, &[]);
    let v2: [(_, fn()); 3] = [
        ("v2", publishes::<v2_counted::Semaphore>),
        ("v2, many", many_publish::<v2_counted::Semaphore>),
        ("v2, twice", publishes_twice::<v2_counted::Semaphore>),
    ];
    // The explorer's SeqCst look is never older than the newest SeqCst update. Hardware may
    // do that look before the one at `returns` in front of it, unless that one is an Acquire.
    let returns = [
        "atomic#4.load: Acquire -> Relaxed",
        "atomic#4.fetch_add: Release -> Relaxed",
    ];
    needs_its_orderings("semaphore v2", &v2, &returns);
}

/// It came first and wants both permits. Another thread, who takes one at a time, always has
/// one while it gives the other back, and so passes it as often as it likes.
#[test]
fn who_wants_many_may_starve() {
    const PASSES: usize = 2;
    let model = Model::new("one passes who wants both").spurious(false);
    let ends = model.outcomes(|| {
        let flags = (AtomicBool::new(false), AtomicBool::new(false));
        let shared = Arc::new((v2_counted::Semaphore::new(2), flags));
        let mut held = shared.0.acquire();
        let patient = start(&shared, |(semaphore, (came, went))| {
            // ORDERING: Relaxed, here and below. Only the values matter.
            came.store(true, Relaxed);
            drop(semaphore.acquire_many(2));
            // ORDERING: as above.
            went.store(true, Relaxed);
        });
        let (semaphore, (came, went)) = &*shared;
        // ORDERING: as above; an exchange does not read what is old.
        let it_came_first = came.swap(true, Relaxed);
        for _ in 0..PASSES {
            // The one that was held goes back when there is another.
            held = semaphore.acquire();
        }
        // ORDERING: as above.
        let it_went_first = went.swap(true, Relaxed);
        drop(held);
        patient.join().unwrap();
        it_came_first && !it_went_first
    });
    let (ends, _) = ends.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(ends.contains(&true), "it was never passed {PASSES} times");
}

/// A permit comes back when its holder panics.
#[test]
fn a_panic_gives_the_permit_back() {
    holds("a holder panics", || {
        let semaphore = Arc::new(v2_counted::Semaphore::new(1));
        let holder = start(&semaphore, |semaphore| {
            let _permit = semaphore.acquire();
            std::panic::resume_unwind(Box::new("planned"));
        });
        drop(semaphore.acquire());
        let _: Box<_> = holder.join().map(|(): ()| ()).unwrap_err();
        assert_eq!(semaphore.available(), 1);
    });
}

/// It may be dropped on another thread.
#[test]
fn a_permit_can_be_sent() {
    let semaphore = v2_counted::Semaphore::new(1);
    thread::scope(|scope| {
        let permit = semaphore.acquire();
        scope.spawn(move || drop(permit));
    });
    assert_eq!(format!("{semaphore:?}"), "Semaphore { available: 1 }");
}
