//! The semaphore under the model checker, and versions that are wrong by a line.

use explorer::{Kind, Model};

use super::v1_on_std;
use crate::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::ground::on_std::sync::{Arc, Condvar, Mutex};
use crate::ground::thread;
use crate::ground::time::Duration;
use crate::modelled::{caught, holds, start};

/// A semaphore, or what somebody took for one.
trait Permits: Send + Sync + 'static {
    fn new(permits: usize) -> Self;
    fn acquire(&self, permits: usize);
    fn release(&self, permits: usize);
}

impl Permits for v1_on_std::Semaphore {
    fn new(permits: usize) -> Self {
        Self::new(permits)
    }

    fn acquire(&self, permits: usize) {
        self.acquire_many(permits).forget();
    }

    fn release(&self, permits: usize) {
        self.add_permits(permits);
    }
}

/// A version that has not what is right in one of its two places.
macro_rules! wrong {
    ($Name:ident, $story:literal $(, acquire: $acquire:expr)? $(, release: $release:expr)?) => {
        #[doc = $story]
        struct $Name {
            available: Mutex<usize>,
            came_back: Condvar,
        }

        #[allow(unused_assignments, unused_mut, reason = "one of them is replaced")]
        impl Permits for $Name {
            fn new(permits: usize) -> Self {
                Self {
                    available: Mutex::new(permits),
                    came_back: Condvar::new(),
                }
            }

            fn acquire(&self, permits: usize) {
                let mut acquire: fn(&Mutex<usize>, &Condvar, usize) = acquires;
                $(acquire = $acquire;)?
                acquire(&self.available, &self.came_back, permits);
            }

            fn release(&self, permits: usize) {
                let mut release: fn(&Mutex<usize>, &Condvar, usize) = releases;
                $(release = $release;)?
                release(&self.available, &self.came_back, permits);
            }
        }
    };
}

/// What a right version does.
fn acquires(available: &Mutex<usize>, came_back: &Condvar, permits: usize) {
    let mut available = available.lock().unwrap();
    while *available < permits {
        available = came_back.wait(available).unwrap();
    }
    *available -= permits;
}

/// What a right version does.
fn releases(available: &Mutex<usize>, came_back: &Condvar, permits: usize) {
    *available.lock().unwrap() += permits;
    came_back.notify_all();
}

wrong!(
    IfForWhile,
    "Does not look again after a wake-up.",
    acquire: |available, came_back, permits| {
        let mut available = available.lock().unwrap();
        if *available < permits {
            available = came_back.wait(available).unwrap();
        }
        // With the wrap-around that a release build has.
        *available = available.wrapping_sub(permits);
    }
);

wrong!(
    LooksAndLetsGo,
    "Sees a permit, gives up the lock, and takes the permit.",
    acquire: |available, came_back, permits| {
        loop {
            let seen = available.lock().unwrap();
            if *seen >= permits {
                break;
            }
            drop(came_back.wait(seen).unwrap());
        }
        let mut available = available.lock().unwrap();
        *available = available.wrapping_sub(permits);
    }
);

wrong!(
    OneByOne,
    "Takes many permits one after the other, and keeps some while it waits for the rest.",
    acquire: |available, came_back, permits| {
        (0..permits).for_each(|_| acquires(available, came_back, 1));
    }
);

wrong!(
    WakesOne,
    "Wakes one waiter, who may want more than there is.",
    release: |available, came_back, permits| {
        *available.lock().unwrap() += permits;
        came_back.notify_one();
    }
);

wrong!(
    WakesFirst,
    "Wakes before the permits are there.",
    release: |available, came_back, permits| {
        came_back.notify_all();
        *available.lock().unwrap() += permits;
    }
);

wrong!(
    WakesIfItWasEmpty,
    "Wakes only when the first permit comes back.",
    release: |available, came_back, permits| {
        let mut available = available.lock().unwrap();
        *available += permits;
        if *available == permits {
            came_back.notify_one();
        }
    }
);

/// Three threads share two permits, or one: no more than that are inside at a time.
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
}

/// Who gets the permit sees what came before it was given back.
fn publishes<S: Permits>() {
    let shared = Arc::new((S::new(0), AtomicUsize::new(0)));
    let giver = start(&shared, |(semaphore, page)| {
        // ORDERING: Relaxed. That the semaphore orders it is what is tested.
        page.store(1, Relaxed);
        semaphore.release(1);
    });
    shared.0.acquire(1);
    // ORDERING: Relaxed, as above.
    assert_eq!(shared.1.load(Relaxed), 1, "the permit came before the page");
    giver.join().unwrap();
}

/// Wakes all while somebody wants many, and else one: but decides it before it unlocks, and
/// notifies after it. What is wrong takes two of the functions, so it stands by itself.
#[derive(Default)]
struct DecidesAndLetsGo {
    /// How many permits there are, and how many threads want many.
    state: Mutex<(usize, usize)>,
    came_back: Condvar,
}

impl Permits for DecidesAndLetsGo {
    fn new(permits: usize) -> Self {
        Self {
            state: Mutex::new((permits, 0)),
            ..Self::default()
        }
    }

    fn acquire(&self, permits: usize) {
        let mut state = self.state.lock().unwrap();
        let wants_many = usize::from(permits > 1);
        state.1 += wants_many;
        while state.0 < permits {
            state = self.came_back.wait(state).unwrap();
        }
        state.1 -= wants_many;
        state.0 -= permits;
    }

    fn release(&self, permits: usize) {
        let mut state = self.state.lock().unwrap();
        state.0 += permits;
        let all = state.1 > 0;
        drop(state);
        if all {
            self.came_back.notify_all();
        } else {
            (0..permits).for_each(|_| self.came_back.notify_one());
        }
    }
}

/// One waits for two permits and one for one; they come back one at a time.
fn one_wants_many<S: Permits>() {
    let semaphore = Arc::new(S::new(0));
    let many = start(&semaphore, |semaphore| semaphore.acquire(2));
    let one = start(&semaphore, |semaphore| {
        semaphore.acquire(1);
        semaphore.release(1);
    });
    semaphore.release(1);
    one.join().unwrap();
    semaphore.release(1);
    many.join().unwrap();
}

/// Two wait for one permit each; they come back one by one.
fn two_want_one_each<S: Permits>() {
    let semaphore = Arc::new(S::new(0));
    let others =
        [(); 2].map(|()| start(&semaphore, |semaphore| semaphore.acquire(1)));
    semaphore.release(1);
    semaphore.release(1);
    for other in others {
        other.join().unwrap();
    }
}

/// Two wait for one permit each; both come back at once.
fn two_come_back_at_once<S: Permits>() {
    let semaphore = Arc::new(S::new(0));
    let others =
        [(); 2].map(|()| start(&semaphore, |semaphore| semaphore.acquire(1)));
    semaphore.release(2);
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

#[test]
fn the_semaphore_keeps_its_promises_in_every_order() {
    fn keeps<S: Permits>() {
        holds("two threads, one permit", excludes::<S, 1>);
        holds("three threads, two permits", excludes::<S, 2>);
        holds("a permit publishes", publishes::<S>);
        holds("one wants many", one_wants_many::<S>);
        holds("two want one each", two_want_one_each::<S>);
        holds("two come back at once", two_come_back_at_once::<S>);
        holds("two want all", two_want_all::<S>);
    }
    keeps::<v1_on_std::Semaphore>();
}

#[test]
fn versions_that_are_wrong_by_one_line_are_caught() {
    caught(
        "semaphore",
        &[
            ("IfForWhile", excludes::<IfForWhile, 1>, Kind::Assertion),
            (
                "LooksAndLetsGo",
                excludes::<LooksAndLetsGo, 1>,
                Kind::Assertion,
            ),
            ("OneByOne", two_want_all::<OneByOne>, Kind::LostWakeUp),
            ("WakesOne", one_wants_many::<WakesOne>, Kind::LostWakeUp),
            (
                "WakesOne of two",
                two_come_back_at_once::<WakesOne>,
                Kind::LostWakeUp,
            ),
            (
                "DecidesAndLetsGo",
                one_wants_many::<DecidesAndLetsGo>,
                Kind::LostWakeUp,
            ),
            ("WakesFirst", publishes::<WakesFirst>, Kind::LostWakeUp),
            (
                "WakesIfItWasEmpty",
                two_want_one_each::<WakesIfItWasEmpty>,
                Kind::LostWakeUp,
            ),
        ],
    );
}

/// A time limit: in a model it passes, or not, whenever it can. Beside it waits somebody
/// without one, who must not miss what the other leaves.
#[test]
fn who_gives_up_takes_no_wake_up_along() {
    let model = Model::new("one permit, one patient, one not");
    let ends = model.outcomes(|| {
        let semaphore = Arc::new(v1_on_std::Semaphore::new(0));
        let hasty = start(&semaphore, |semaphore| {
            semaphore.acquire_timeout(Duration::from_secs(1)).is_ok()
        });
        let patient = start(&semaphore, |semaphore| drop(semaphore.acquire()));
        semaphore.add_permits(1);
        patient.join().unwrap();
        let got_it = hasty.join().unwrap();
        assert_eq!(semaphore.available(), 1);
        got_it
    });
    let (ends, _) = ends.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(ends.into_iter().collect::<Vec<_>>(), [false, true]);
}

/// The same for who wants two at once: whoever gets none leaves both to the others.
#[test]
fn who_gives_up_on_many_takes_no_wake_up_along() {
    let model = Model::new("two permits, one hasty, one patient");
    let ends = model.outcomes(|| {
        let semaphore = Arc::new(v1_on_std::Semaphore::new(0));
        let hasty = start(&semaphore, |semaphore| {
            let limit = Duration::from_secs(1);
            semaphore.acquire_many_timeout(2, limit).is_ok()
        });
        let patient = start(&semaphore, |semaphore| drop(semaphore.acquire_many(2)));
        semaphore.add_permits(2);
        patient.join().unwrap();
        let got_it = hasty.join().unwrap();
        assert_eq!(semaphore.available(), 2);
        got_it
    });
    let (ends, _) = ends.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(ends.into_iter().collect::<Vec<_>>(), [false, true]);
}

/// A permit that travels with a job comes back when the job is over, however it ends.
#[test]
fn an_owned_permit_comes_back() {
    holds("an owned permit", || {
        let semaphore = Arc::new(v1_on_std::Semaphore::new(1));
        let permit = v1_on_std::Semaphore::acquire_owned(&semaphore);
        let job = thread::spawn(move || {
            let _permit = permit;
            std::panic::resume_unwind(Box::new("planned"));
        });
        assert_eq!(semaphore.acquire().count(), 1);
        let _: Box<_> = job.join().map(|(): ()| ()).unwrap_err();
        assert_eq!(semaphore.available(), 1);
    });
}

/// A permit comes back when its holder panics.
#[test]
fn a_panic_gives_the_permit_back() {
    holds("a holder panics", || {
        let semaphore = Arc::new(v1_on_std::Semaphore::new(1));
        let holder = start(&semaphore, |semaphore| {
            let _permit = semaphore.acquire();
            std::panic::resume_unwind(Box::new("planned"));
        });
        drop(semaphore.acquire());
        let _: Box<_> = holder.join().map(|(): ()| ()).unwrap_err();
        assert_eq!(semaphore.available(), 1);
    });
}
