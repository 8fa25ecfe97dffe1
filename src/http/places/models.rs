//! The count under the model checker, and versions that are wrong by a line.
//!
//! The wakers are [`WakeCell`]s, as in the models of the inbox. All that is shared is under
//! one lock, so there is no ordering to weaken.

use super::*;
use crate::ground::os::WakeCell;
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, slips, start};

/// A count, or what somebody took for one.
trait Counts: Send + Sync + 'static {
    fn enter(&self, home: usize) -> bool;
    fn leave(&self) -> u64;
    fn waits(&self, home: usize) -> bool;
}

impl Counts for Count {
    fn enter(&self, home: usize) -> bool {
        self.enter(home)
    }

    fn leave(&self) -> u64 {
        self.leave()
    }

    fn waits(&self, home: usize) -> bool {
        self.waits(home)
    }
}

/// What a version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    Right,
    /// Takes a place when all are taken.
    OneTooMany,
    /// Looks, and takes the lock once more to enter.
    LooksAndEnters,
    /// Finds no place, and is not noted.
    NotNoted,
    /// Finds no place, and takes the lock once more to be noted.
    NotedLater,
    /// Gives the place back, and tells nobody.
    TellsNobody,
    /// Tells one.
    TellsOne,
    /// Looks who is noted, and takes the lock once more to give the place back.
    LooksAndLeaves,
    /// Tells all, and leaves them noted.
    StaysNoted,
    /// Never gives it back.
    StaysThere,
}

struct Wrong {
    slip: Slip,
    right: Count,
}

fn wrong(slip: Slip) -> impl Fn(usize) -> Wrong {
    move |max| Wrong {
        slip,
        right: Count::new(max),
    }
}

impl Counts for Wrong {
    fn enter(&self, home: usize) -> bool {
        let mut inside = self.right.lock();
        let limit = self.right.max + usize::from(self.slip == Slip::OneTooMany);
        let there_is_one = inside.taken < limit;
        if there_is_one {
            if self.slip == Slip::LooksAndEnters {
                drop(inside);
                inside = self.right.lock();
            }
            inside.taken += 1;
            inside.waiting &= !(1 << home);
            return true;
        }
        if self.slip == Slip::NotedLater {
            drop(inside);
            inside = self.right.lock();
        }
        if self.slip != Slip::NotNoted {
            inside.waiting |= 1 << home;
        }
        false
    }

    fn leave(&self) -> u64 {
        let mut inside = self.right.lock();
        if self.slip == Slip::LooksAndLeaves {
            let waiting = std::mem::take(&mut inside.waiting);
            drop(inside);
            self.right.lock().taken -= 1;
            return waiting;
        }
        inside.taken -= usize::from(self.slip != Slip::StaysThere);
        match self.slip {
            Slip::TellsNobody => 0,
            Slip::TellsOne => {
                let one = inside.waiting & inside.waiting.wrapping_neg();
                inside.waiting ^= one;
                one
            }
            Slip::StaysNoted => inside.waiting,
            _ => std::mem::take(&mut inside.waiting),
        }
    }

    fn waits(&self, home: usize) -> bool {
        self.right.waits(home) || self.slip == Slip::NotNoted
    }
}

/// The loops of a server.
struct All<C> {
    count: C,
    max: usize,
    bells: [WakeCell; 3],
    inside: Mutex<usize>,
}

impl<C: Counts> All<C> {
    fn new(new: impl Fn(usize) -> C, max: usize) -> Arc<Self> {
        Arc::new(Self {
            count: new(max),
            max,
            bells: [(); 3].map(|()| WakeCell::new()),
            inside: Mutex::new(0),
        })
    }

    /// As `Places::leave`.
    fn leave(&self) {
        let told = self.count.leave();
        for (home, bell) in self.bells.iter().enumerate() {
            if told & 1 << home != 0 {
                bell.wake();
            }
        }
    }

    /// The door of loop `home` is shut: it sleeps until it is told of a place.
    fn wait(&self, home: usize) {
        self.bells[home].wait();
        while self.count.waits(home) {
            self.bells[home].wait();
        }
    }

    /// Somebody is outside of loop `home`: it lets them in.
    fn let_in(&self, home: usize) {
        while !self.count.enter(home) {
            self.wait(home);
        }
        let mut inside = self.inside.lock().unwrap();
        *inside += 1;
        assert!(*inside <= self.max, "more than there are places");
    }

    /// Somebody leaves.
    fn let_out(&self) {
        *self.inside.lock().unwrap() -= 1;
        self.leave();
    }
}

// ANCHOR: models
/// Two loops and one place.
fn one_place<C: Counts>(new: impl Fn(usize) -> C) {
    let all = All::new(new, 1);
    let others = [0, 1].map(|home| {
        start(&all, move |all| {
            all.let_in(home);
            all.let_out();
        })
    });
    for other in others {
        other.join().unwrap();
    }
}

/// Loop 0 is shut. When it is told of a place nobody is outside any more. Somebody is outside
/// of loop 1, and must be let in.
fn nobody_outside<C: Counts>(new: impl Fn(usize) -> C) {
    let all = All::new(new, 1);
    all.let_in(2);
    assert!(!all.count.enter(0), "there is one place");
    let other = start(&all, |all| {
        all.let_in(1);
        all.let_out();
    });
    all.let_out();
    all.wait(0);
    other.join().unwrap();
}

const MODELS: [(&str, fn()); 2] = [
    ("one place", || one_place(Count::new)),
    ("nobody outside", || nobody_outside(Count::new)),
];
// ANCHOR_END: models

#[test]
fn a_place_is_never_left_empty() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    holds("the copy", || one_place(wrong(Slip::Right)));
    holds("the copy", || nobody_outside(wrong(Slip::Right)));
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "places",
        // ANCHOR: caught
        &slips! { for wrong,
            OneTooMany: one_place, Assertion;
            LooksAndEnters: one_place, Assertion;
            NotNoted: one_place, Deadlock;
            NotedLater: one_place, Deadlock;
            TellsNobody: one_place, Deadlock;
            TellsOne: nobody_outside, Deadlock;
            LooksAndLeaves: one_place, Deadlock;
            StaysNoted: one_place, Deadlock;
            StaysThere: one_place, Deadlock;
        },
        // ANCHOR_END: caught
    );
}

#[test]
fn who_has_found_a_place_is_not_noted_any_more() {
    let count = Count::new(1);
    assert!(count.enter(0) && !count.enter(0) && !count.enter(63));
    assert!(count.waits(0) && count.waits(63) && !count.waits(1));
    assert_eq!(count.leave(), 1 | 1 << 63);
    assert!(!count.waits(0) && count.enter(0) && !count.enter(1));
    assert_eq!(count.leave(), 2);
}
