//! Once under the model checker, and versions that are wrong by a line.
#![allow(unsafe_code, reason = "what is done once is done to plain memory")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use explorer::Kind;

use super::{ASLEEP, DONE, NEW, Once, POISONED, RUNNING};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::futex;
use crate::ground::sync::Arc;
use crate::modelled::{
    caught, holds, holds_for_reasons, needs_its_orderings, start,
};

/// A once, or what somebody took for one.
trait Done: Send + Sync + 'static {
    fn new() -> Self;
    fn call_once(&self, run: &mut dyn FnMut());
    /// Runs although an earlier run panicked.
    fn force(&self, run: &mut dyn FnMut());
}

impl Done for Once {
    fn new() -> Self {
        Self::new()
    }

    fn call_once(&self, run: &mut dyn FnMut()) {
        self.call_once(run);
    }

    fn force(&self, run: &mut dyn FnMut()) {
        self.call_once_force(|_| run());
    }
}

/// What the wrong versions are made of.
struct Parts(AtomicU32);

impl Parts {
    /// What a right version does.
    fn is_done(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `ends`.
        self.0.load(Acquire) == DONE
    }

    /// What a right version does: whether the caller is the one to run.
    fn begins(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `ends`, here and on failure.
        let begun = self.0.compare_exchange(NEW, RUNNING, Acquire, Acquire);
        begun.is_ok()
    }

    /// What a right version does: waits for the end of another's run.
    fn waits(&self) {
        while !self.is_done() {
            let running = RUNNING | ASLEEP;
            // ORDERING: Relaxed. The mark carries nothing.
            let mark = self.0.compare_exchange(RUNNING, running, Relaxed, Relaxed);
            if mark.is_ok() || mark == Err(running) {
                futex::wait(&self.0, running);
            }
        }
    }

    /// What a right version does.
    fn ends(&self) {
        // ORDERING: Release pairs with the Acquire in `is_done`.
        if self.0.swap(DONE, Release) & ASLEEP != 0 {
            futex::wake_all(&self.0);
        }
    }
}

/// A version with something else in the place of one of its parts. None has poison.
macro_rules! wrong {
    (
        $Name:ident, $story:literal
        $(, begin: $begin:expr)? $(, wait: $wait:expr)? $(, end: $end:expr)?
        $(, early: $early:literal)?
    ) => {
        #[doc = $story]
        struct $Name(Parts);

        #[allow(unused_assignments, unused_mut, reason = "one of them is replaced")]
        impl Done for $Name {
            fn new() -> Self {
                Self(Parts(AtomicU32::new(NEW)))
            }

            fn call_once(&self, run: &mut dyn FnMut()) {
                let mut begin: fn(&Parts) -> bool = Parts::begins;
                $(begin = $begin;)?
                let mut wait: fn(&Parts) = Parts::waits;
                $(wait = $wait;)?
                let mut end: fn(&Parts) = Parts::ends;
                $(end = $end;)?
                let mut early = false;
                $(early = $early;)?
                if self.0.is_done() {
                    return;
                }
                if !begin(&self.0) {
                    return wait(&self.0);
                }
                if early {
                    end(&self.0);
                }
                run();
                if !early {
                    end(&self.0);
                }
            }

            fn force(&self, run: &mut dyn FnMut()) {
                self.call_once(run);
            }
        }
    };
}

wrong!(
    LooksThenBegins,
    "Looks whether anybody has begun, and begins in a second step: two run.",
    begin: |parts| {
        // ORDERING: Acquire pairs with the Release in `ends`.
        let is_new = parts.0.load(Acquire) == NEW;
        if is_new {
            // ORDERING: Relaxed. No ordering makes one step of two.
            parts.0.store(RUNNING, Relaxed);
        }
        is_new
    }
);

wrong!(
    DoesNotWait,
    "Goes on while another runs.",
    wait: |_| ()
);

wrong!(
    SaysSoFirst,
    "Says that it is done, and does it then.",
    early: true
);

wrong!(
    RunsAgain,
    "Whoever has waited for another's run runs too.",
    begin: |parts| {
        if !parts.begins() {
            parts.waits();
        }
        true
    }
);

wrong!(
    IfForWhile,
    "Does not look again after a wake-up.",
    wait: |parts| {
        let running = RUNNING | ASLEEP;
        // ORDERING: Acquire, if it is done meanwhile; pairs with the Release in `ends`.
        let mark = parts.0.compare_exchange(RUNNING, running, Relaxed, Acquire);
        if mark.is_ok() || mark == Err(running) {
            futex::wait(&parts.0, running);
        }
    }
);

wrong!(
    TellsNobody,
    "Ends, and wakes nobody.",
    end: |parts| {
        // ORDERING: Release pairs with the Acquire in `is_done`.
        parts.0.store(DONE, Release);
    }
);

wrong!(
    WakesOne,
    "Wakes one of those who wait.",
    end: |parts| {
        // ORDERING: Release pairs with the Acquire in `is_done`.
        parts.0.store(DONE, Release);
        futex::wake_one(&parts.0);
    }
);

wrong!(
    WakesFirst,
    "Wakes, and ends then.",
    end: |parts| {
        futex::wake_all(&parts.0);
        // ORDERING: Release pairs with the Acquire in `is_done`.
        parts.0.store(DONE, Release);
    }
);

wrong!(
    NoMark,
    "Sleeps without a mark, so that the end finds nobody to wake.",
    wait: |parts| {
        while !parts.is_done() {
            futex::wait(&parts.0, RUNNING);
        }
    }
);

wrong!(
    LooksForTheMarkFirst,
    "Looks whether anybody sleeps, and ends in a second step.",
    end: |parts| {
        // ORDERING: Relaxed. It is too early for any ordering.
        let somebody_sleeps = parts.0.load(Relaxed) & ASLEEP != 0;
        // ORDERING: Release pairs with the Acquire in `is_done`.
        parts.0.store(DONE, Release);
        if somebody_sleeps {
            futex::wake_all(&parts.0);
        }
    }
);

/// Runs again after each panic: nobody is told that it panicked.
struct ForgetsThePanic(Parts);

/// A panic leaves it running for ever.
struct StaysRunning(Parts);

macro_rules! panics {
    ($($Name:ident $on_panic:expr)*) => { $(
        impl Done for $Name {
            fn new() -> Self {
                Self(Parts(AtomicU32::new(NEW)))
            }

            fn call_once(&self, run: &mut dyn FnMut()) {
                if self.0.is_done() {
                    return;
                }
                if !self.0.begins() {
                    return self.0.waits();
                }
                let on_panic: fn(&Parts) = $on_panic;
                if let Err(thrown) = catch_unwind(AssertUnwindSafe(run)) {
                    on_panic(&self.0);
                    resume_unwind(thrown);
                }
                self.0.ends();
            }

            fn force(&self, run: &mut dyn FnMut()) {
                self.call_once(run);
            }
        }
    )* };
}
panics!(ForgetsThePanic Parts::ends  StaysRunning |_| ());

/// Something that is done once, to a page.
struct Page<O>(O, UnsafeCell<u32>);

// SAFETY: none for a wrong `O`. The explorer is to find that out.
unsafe impl<O: Sync> Sync for Page<O> {}

impl<O: Done> Page<O> {
    fn new() -> Arc<Self> {
        Arc::new(Self(O::new(), UnsafeCell::new(0)))
    }

    fn write(&self) {
        // SAFETY: one thread runs, once, or it is a wrong version.
        self.1.with_mut(|page| unsafe { *page += 1 });
    }

    fn write_and_panic(&self) {
        self.write();
        resume_unwind(Box::new("planned"));
    }

    /// A call that writes, and panics: whether it came to that.
    fn fails(&self) -> bool {
        let run = || self.0.call_once(&mut || self.write_and_panic());
        catch_unwind(AssertUnwindSafe(run)).is_err()
    }

    /// What everybody sees who has called it.
    fn read(&self) -> u32 {
        self.0.call_once(&mut || self.write());
        // SAFETY: it has been done, so nobody writes, or it is a wrong version.
        self.1.with(|page| unsafe { *page })
    }
}

/// Two threads call it.
fn two_call<O: Done>() {
    let page = Page::<O>::new();
    let other = start(&page, Page::read);
    assert_eq!(page.read(), 1, "it is done once");
    assert_eq!(other.join().unwrap(), 1, "it is done once");
}

/// Three do.
fn three_call<O: Done>() {
    let page = Page::<O>::new();
    let others = [(); 2].map(|()| start(&page, Page::read));
    assert_eq!(page.read(), 1, "it is done once");
    for other in others {
        assert_eq!(other.join().unwrap(), 1, "it is done once");
    }
}

/// The first run panics, having written half a page. Who calls it then does not take that
/// for the whole.
fn one_panics<O: Done>() {
    let page = Page::<O>::new();
    let other = start(&page, Page::fails);
    let mine = catch_unwind(AssertUnwindSafe(|| page.read()));
    let first_has_failed = other.join().unwrap();
    assert_eq!(
        mine.is_err(),
        first_has_failed,
        "half a page is not a whole one"
    );
}

/// The same, but it is tried again.
fn one_panics_and_one_tries_again() {
    let page = Page::<Once>::new();
    let other = start(&page, Page::fails);
    page.0.force(&mut || page.write());
    // SAFETY: it has been done.
    let seen = page.1.with(|page| unsafe { *page });
    let expected = 1 + u32::from(other.join().unwrap());
    assert_eq!(seen, expected, "it is tried again if it has panicked");
    assert!(page.0.is_completed());
}

/// The same, but it is tried again in vain by another, before.
fn one_panics_twice_and_one_tries_again() {
    let page = Page::<Once>::new();
    let other = start(&page, |page| {
        let once = u32::from(page.fails());
        let again = || page.0.force(&mut || page.write_and_panic());
        once + u32::from(catch_unwind(AssertUnwindSafe(again)).is_err())
    });
    page.0.force(&mut || page.write());
    // SAFETY: it has been done.
    let seen = page.1.with(|page| unsafe { *page });
    assert_eq!(seen, 1 + other.join().unwrap());
}

/// One waits without calling it, from whichever moment.
fn one_waits() {
    let page = Page::<Once>::new();
    let other = start(&page, Page::read);
    page.0.wait();
    // SAFETY: it has been done.
    assert_eq!(page.1.with(|page| unsafe { *page }), 1);
    other.join().unwrap();
}

/// One waits through a run that panics.
fn one_waits_with_patience() {
    let page = Page::<Once>::new();
    let other = start(&page, |page| {
        assert!(page.fails());
        page.0.force(&mut || page.write());
    });
    page.0.wait_force();
    // SAFETY: it has been done.
    assert_eq!(page.1.with(|page| unsafe { *page }), 2);
    other.join().unwrap();
}

#[test]
fn it_is_done_once_and_everybody_sees_it() {
    holds("two call", two_call::<Once>);
    holds_for_reasons("three call", three_call::<Once>);
    holds("one panics", one_panics::<Once>);
    holds(
        "one panics, one tries again",
        one_panics_and_one_tries_again,
    );
    holds(
        "one panics twice, one tries again",
        one_panics_twice_and_one_tries_again,
    );
    holds("one waits", one_waits);
    holds("one waits with patience", one_waits_with_patience);
}

#[test]
fn wrong_versions_are_caught() {
    use Kind::{Assertion, DataRace, LostWakeUp};
    let wrong: &[(_, fn(), _)] = &[
        ("looks, then begins", two_call::<LooksThenBegins>, DataRace),
        ("does not wait", two_call::<DoesNotWait>, DataRace),
        ("says so first", two_call::<SaysSoFirst>, DataRace),
        ("runs again", two_call::<RunsAgain>, DataRace),
        ("if for while", two_call::<IfForWhile>, DataRace),
        ("tells nobody", two_call::<TellsNobody>, LostWakeUp),
        ("wakes one", three_call::<WakesOne>, LostWakeUp),
        ("wakes first", two_call::<WakesFirst>, LostWakeUp),
        ("no mark", two_call::<NoMark>, LostWakeUp),
        (
            "looks for the mark first",
            two_call::<LooksForTheMarkFirst>,
            LostWakeUp,
        ),
        (
            "forgets the panic",
            one_panics::<ForgetsThePanic>,
            Assertion,
        ),
        ("stays running", one_panics::<StaysRunning>, LostWakeUp),
    ];
    caught("once", wrong);
}

#[test]
fn each_ordering_is_needed() {
    let models: [(_, fn()); 6] = [
        ("two call", two_call::<Once>),
        ("one panics", one_panics::<Once>),
        (
            "one panics, one tries again",
            one_panics_and_one_tries_again,
        ),
        (
            "one panics twice, one tries again",
            one_panics_twice_and_one_tries_again,
        ),
        ("one waits", one_waits),
        ("one waits with patience", one_waits_with_patience),
    ];
    needs_its_orderings("once", &models, &[]);
}

/// What `call_once` says when it can't: nobody is to take a run that failed for one that did not.
#[test]
fn poison_is_told() {
    let once = Once::new();
    let fails = || once.call_once(|| resume_unwind(Box::new("planned")));
    assert!(catch_unwind(AssertUnwindSafe(fails)).is_err());
    // ORDERING: Relaxed. Nobody else is here.
    assert_eq!(once.word.load(Relaxed), POISONED);
    once.call_once_force(|state| {
        assert!(state.is_poisoned());
        assert_eq!(format!("{state:?}"), "OnceState { poisoned: true }");
    });
    assert!(once.is_completed());
    assert_eq!(format!("{once:?}"), "Once { .. }");
}
