//! The semaphores under the model checker. Versions that are wrong by a line are in `wrong`.
#![allow(unsafe_code, reason = "what a permit allows is to reach a cell")]

use explorer::Model;

use super::{v1_one_word, v2_counted};
use crate::ground::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::ground::thread;
use crate::ground::time::Duration;
use crate::modelled::{holds, holds_for_reasons, needs_its_orderings, start};

mod wrong;

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
        // ORDERING: text, no operations. They pair in `sleep_until_taken` and `wake`.
        "atomic#4.load: Acquire -> Relaxed",
        // ORDERING: as above, in `wake`.
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
