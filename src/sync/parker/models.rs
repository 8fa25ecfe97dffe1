//! The parker under the model checker, and versions that are wrong by a line.

use std::marker::PhantomData;

use explorer::Model;

use super::{EMPTY, PARKED, Parker, TOKEN};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::futex;
use crate::ground::sync::Arc;
use crate::ground::thread;
use crate::ground::time::Duration;
use crate::modelled::{caught, holds, needs_its_orderings, slips, start};

/// What a version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    Right,
    /// Gives a token only to one that sleeps.
    WakesSleepersOnly,
    /// Gives the token, and wakes nobody.
    WakesNobody,
    /// Wakes, and gives the token afterwards.
    WakesFirst,
    /// Takes no token: the next time it goes on again.
    LeavesTheToken,
    /// Marks the word whatever is in it.
    MarksOverAToken,
    /// Sleeps once, and goes on.
    IfForWhile,
    /// Stores the token, which cuts off what others have released.
    StoresTheToken,
    /// Makes the word empty when time is up, and does not look what it was.
    DropsTheLateToken,
}

/// A parker in which something may be wrong. It is both ends.
struct Wrong {
    slip: Slip,
    word: AtomicU32,
}

/// Both ends of a parker, or what somebody took for one.
trait Park: Send + Sync + 'static {
    fn park(&self);
    fn park_timeout(&self) -> bool;
    fn unpark(&self);
}

/// The right one: its word alone, so that a model has both ends in one share.
struct Right(super::Unparker);

impl Right {
    fn new() -> Self {
        Self(Parker::new().unparker())
    }

    /// Only one thread at a time asks for it.
    fn parker(&self) -> Parker {
        Parker {
            unparker: self.0.clone(),
            one_thread: PhantomData,
        }
    }
}

impl Park for Right {
    fn park(&self) {
        self.parker().park();
    }

    fn park_timeout(&self) -> bool {
        self.parker().park_timeout(Duration::from_secs(1))
    }

    fn unpark(&self) {
        self.0.unpark();
    }
}

impl Wrong {
    fn new(slip: Slip) -> Self {
        Self {
            slip,
            word: AtomicU32::new(EMPTY),
        }
    }

    fn take(&self) -> bool {
        if self.slip == Slip::LeavesTheToken {
            // ORDERING: Acquire pairs with the Release in `unpark`.
            return self.word.load(Acquire) == TOKEN;
        }
        // ORDERING: Acquire pairs with the Release in `unpark`.
        let taken = self.word.compare_exchange(TOKEN, EMPTY, Acquire, Relaxed);
        taken.is_ok()
    }

    fn take_or_mark(&self) -> bool {
        if self.slip == Slip::MarksOverAToken {
            // ORDERING: Relaxed. As in the right version.
            self.word.store(PARKED, Relaxed);
            return false;
        }
        // ORDERING: Relaxed. As in the right version.
        let marked = self.word.compare_exchange(EMPTY, PARKED, Relaxed, Relaxed);
        marked.is_err() && self.take()
    }
}

impl Park for Wrong {
    fn park(&self) {
        if self.take_or_mark() {
            return;
        }
        loop {
            futex::wait(&self.word, PARKED);
            if self.take() || self.slip == Slip::IfForWhile {
                return;
            }
        }
    }

    fn park_timeout(&self) -> bool {
        if self.take_or_mark() {
            return true;
        }
        while futex::wait_timeout(&self.word, PARKED, Duration::from_secs(1)) {
            if self.take() {
                return true;
            }
        }
        // ORDERING: Acquire pairs with the Release in `unpark`.
        let was = self.word.swap(EMPTY, Acquire);
        was == TOKEN && self.slip != Slip::DropsTheLateToken
    }

    fn unpark(&self) {
        let was = match self.slip {
            Slip::WakesSleepersOnly => {
                // ORDERING: Release pairs with `take`.
                let change =
                    self.word.compare_exchange(PARKED, TOKEN, Release, Relaxed);
                change.unwrap_or_else(|was| was)
            }
            Slip::StoresTheToken => {
                // ORDERING: Relaxed. Whether somebody sleeps.
                let was = self.word.load(Relaxed);
                // ORDERING: Release pairs with `take`.
                self.word.store(TOKEN, Release);
                was
            }
            Slip::WakesFirst => {
                futex::wake_one(&self.word);
                // ORDERING: Release pairs with `take`.
                self.word.swap(TOKEN, Release);
                return;
            }
            // ORDERING: Release pairs with `take`.
            _ => self.word.swap(TOKEN, Release),
        };
        if was == PARKED && self.slip != Slip::WakesNobody {
            futex::wake_one(&self.word);
        }
    }
}

/// A letter is written, and its reader woken, once.
fn one_letter(park: impl Park) {
    let both = Arc::new((park, AtomicU32::new(0)));
    let writer = start(&both, |(park, letter)| {
        // ORDERING: Relaxed. That the token orders it is what is tested.
        letter.store(7, Relaxed);
        park.unpark();
    });
    both.0.park();
    // ORDERING: Relaxed, as above.
    assert_eq!(both.1.load(Relaxed), 7, "woken before it was written");
    writer.join().unwrap();
}

/// Two letters, the second when the first has been read: each needs a token of its own.
fn two_letters(park: impl Park) {
    let both = Arc::new((park, AtomicU32::new(0)));
    both.0.unpark();
    both.0.park();
    let writer = start(&both, |(park, letter)| {
        // ORDERING: Relaxed, as in `one_letter`.
        letter.store(7, Relaxed);
        park.unpark();
    });
    both.0.park();
    // ORDERING: Relaxed, as in `one_letter`.
    assert_eq!(both.1.load(Relaxed), 7, "woken by a token that was taken");
    writer.join().unwrap();
}

/// Two writers wake one reader, which goes on when both letters are there. Its last look is
/// ordered by a token that stands for both.
fn two_writers(park: impl Park) {
    let all = Arc::new((park, [0, 0].map(AtomicU32::new)));
    let writers = [0, 1].map(|which| {
        start(&all, move |(park, letters)| {
            // ORDERING: Relaxed, as in `one_letter`.
            letters[which].store(1, Relaxed);
            park.unpark();
        })
    });
    let (park, letters) = &*all;
    // ORDERING: Relaxed, as in `one_letter`.
    while letters.iter().any(|letter| letter.load(Relaxed) == 0) {
        park.park();
    }
    for writer in writers {
        writer.join().unwrap();
    }
}

/// Time may be up before the token comes. A token that was taken is not there afterwards,
/// and one that was not taken still is.
fn a_limit(park: impl Park) {
    let both = Arc::new((park, AtomicU32::new(0)));
    let writer = start(&both, |(park, letter)| {
        // ORDERING: Relaxed, as in `one_letter`.
        letter.store(7, Relaxed);
        park.unpark();
    });
    let (park, letter) = &*both;
    if !park.park_timeout() {
        park.park();
    }
    // ORDERING: Relaxed, as in `one_letter`.
    assert_eq!(letter.load(Relaxed), 7, "woken before it was written");
    writer.join().unwrap();
    assert!(!park.park_timeout(), "a token too many");
}

const MODELS: [(&str, fn()); 4] = [
    ("one letter", || one_letter(Right::new())),
    ("two letters", || two_letters(Right::new())),
    ("two writers", || two_writers(Right::new())),
    ("a limit", || a_limit(Right::new())),
];

#[test]
fn who_is_unparked_goes_on() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    let copies: [fn(); 4] = [
        || one_letter(Wrong::new(Slip::Right)),
        || two_letters(Wrong::new(Slip::Right)),
        || two_writers(Wrong::new(Slip::Right)),
        || a_limit(Wrong::new(Slip::Right)),
    ];
    for program in copies {
        holds("the copy", program);
    }
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "parker",
        &slips! { for Wrong::new,
            WakesSleepersOnly: one_letter, LostWakeUp;
            WakesNobody: one_letter, LostWakeUp;
            WakesFirst: one_letter, LostWakeUp;
            LeavesTheToken: two_letters, Assertion;
            MarksOverAToken: one_letter, LostWakeUp;
            IfForWhile: one_letter, Assertion;
            StoresTheToken: one_letter, LostWakeUp;
            DropsTheLateToken: a_limit, LostWakeUp;
        },
    );
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("parker", &MODELS, &[]);
}

/// With both possible, both happen.
#[test]
fn a_limit_is_kept_or_passed() {
    let model = Model::new("an unpark, and time passes");
    let ends = model.outcomes(|| {
        let parker = Parker::new();
        let unparker = parker.unparker();
        let other = thread::spawn(move || unparker.unpark());
        let end = parker.park_timeout(Duration::from_secs(1));
        other.join().unwrap();
        end
    });
    let (ends, _) = ends.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(ends.into_iter().collect::<Vec<_>>(), [false, true]);
}
