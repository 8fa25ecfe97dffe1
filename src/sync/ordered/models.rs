//! Lock order under the model checker: who breaks it is told in *every* run, not only in
//! those that would deadlock. And versions that are wrong by a line.

use std::panic::Location;

use explorer::Kind;

use super::graph::{Edge, Graph};
use super::{Mutex, OrderedMutex};
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, start};
use crate::sync::MutexGuard;

/// Three locks, `a`, `b` and `c`, or what somebody took for that.
trait Locks: Send + Sync + 'static {
    fn new() -> Self;
    /// Takes one lock and then another, and lets both go.
    fn nest(&self, outer: usize, inner: usize);
}

const NAMES: [&str; 3] = ["a", "b", "c"];

/// Their order is learned.
struct Learned([OrderedMutex<()>; 3]);

impl Locks for Learned {
    fn new() -> Self {
        Self(NAMES.map(|name| OrderedMutex::new(name, ())))
    }

    fn nest(&self, outer: usize, inner: usize) {
        let _outer = self.0[outer].lock();
        let _inner = self.0[inner].lock();
    }
}

/// Their order is given.
struct Levels([OrderedMutex<()>; 3]);

impl Locks for Levels {
    fn new() -> Self {
        let mut level = 0;
        Self(NAMES.map(|name| {
            level += 1;
            OrderedMutex::with_level(name, level, ())
        }))
    }

    fn nest(&self, outer: usize, inner: usize) {
        let _outer = self.0[outer].lock();
        let _inner = self.0[inner].lock();
    }
}

/// What is wrong with a version.
trait Fault: Send + Sync + 'static {
    /// Waits for the lock, and looks when it has it.
    const LOOKS_LATE: bool = false;
    /// Looks whether there is a circle, and adds the pair in another step.
    const ADDS_LATER: bool = false;
    /// Looks for the same two the other way round, and for no longer circle.
    const PAIRS_ONLY: bool = false;
    /// Takes a pair that was seen for one that is wrong.
    const REFUSES_TWICE: bool = false;
}

macro_rules! faults {
    ($($Name:ident: $FAULT:ident),*) => {
        $(struct $Name;
        impl Fault for $Name {
            const $FAULT: bool = true;
        })*
    };
}

faults!(
    LooksLate: LOOKS_LATE,
    AddsLater: ADDS_LATER,
    PairsOnly: PAIRS_ONLY,
    RefusesTwice: REFUSES_TWICE
);

/// Locks with a graph that has a fault.
struct Wrong<F> {
    locks: [Mutex<()>; 3],
    graph: Mutex<Graph>,
    pairs: Mutex<Vec<(usize, usize)>>,
    _fault: std::marker::PhantomData<F>,
}

impl<F: Fault> Wrong<F> {
    #[track_caller]
    fn look(&self, outer: usize, inner: usize) {
        let here = Location::caller();
        let edge = || Edge::new(NAMES[outer], here, NAMES[inner], here);
        let mut pairs = self.pairs.lock().unwrap();
        let is_told = if F::PAIRS_ONLY {
            pairs.contains(&(inner, outer))
        } else if F::ADDS_LATER {
            let known = self.graph.lock().unwrap().clone();
            drop(pairs);
            let is_told = { known }.add(edge()).is_err();
            pairs = self.pairs.lock().unwrap();
            let _ = self.graph.lock().unwrap().add(edge());
            is_told
        } else {
            self.graph.lock().unwrap().add(edge()).is_err()
        };
        let is_told = is_told || F::REFUSES_TWICE && pairs.contains(&(outer, inner));
        pairs.push((outer, inner));
        drop(pairs);
        assert!(!is_told, "lock order");
    }
}

impl<F: Fault> Locks for Wrong<F> {
    fn new() -> Self {
        Self {
            locks: [(); 3].map(Mutex::new),
            graph: Mutex::default(),
            pairs: Mutex::default(),
            _fault: std::marker::PhantomData,
        }
    }

    fn nest(&self, outer: usize, inner: usize) {
        let take = |lock: usize| -> MutexGuard<'_, ()> {
            let guard = self.locks[lock].lock();
            guard.unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        let _outer = take(outer);
        if !F::LOOKS_LATE {
            self.look(outer, inner);
        }
        let _inner = take(inner);
        if F::LOOKS_LATE {
            self.look(outer, inner);
        }
    }
}

/// Two threads take two locks in one order, again and again. Nobody is told anything.
fn who_keeps_the_order_is_left_alone<L: Locks>() {
    let locks = Arc::new(L::new());
    let other = start(&locks, |locks| locks.nest(0, 1));
    locks.nest(0, 1);
    other.join().unwrap();
}

/// Two threads, two orders. One of them is told, also where both would wait for ever.
fn two_orders_are_told<L: Locks>() {
    let locks = Arc::new(L::new());
    let up = start(&locks, |locks| locks.nest(0, 1));
    let down = start(&locks, |locks| locks.nest(1, 0));
    let told = [up.join().is_err(), down.join().is_err()];
    assert!(told[0] || told[1], "nobody was told");
}

/// Three threads, one after the other: they can't meet, and yet it is seen that they might.
fn a_circle_of_three_is_told<L: Locks>() {
    let locks = Arc::new(L::new());
    for (outer, inner) in [(0, 1), (1, 2)] {
        let thread = start(&locks, move |locks| locks.nest(outer, inner));
        thread.join().unwrap();
    }
    let last = start(&locks, |locks| locks.nest(2, 0));
    assert!(last.join().is_err(), "nobody was told");
}

#[test]
fn the_order_is_watched_in_every_order_of_steps() {
    holds("learned", who_keeps_the_order_is_left_alone::<Learned>);
    holds("levels", who_keeps_the_order_is_left_alone::<Levels>);
    holds("learned, two orders", two_orders_are_told::<Learned>);
    holds("levels, two orders", two_orders_are_told::<Levels>);
    holds("learned, three", a_circle_of_three_is_told::<Learned>);
    holds("levels, three", a_circle_of_three_is_told::<Levels>);
}

#[test]
fn versions_that_are_wrong_by_one_line_are_caught() {
    caught(
        "ordered mutex",
        &[
            (
                "LooksLate",
                two_orders_are_told::<Wrong<LooksLate>>,
                Kind::Deadlock,
            ),
            (
                "AddsLater",
                two_orders_are_told::<Wrong<AddsLater>>,
                Kind::Deadlock,
            ),
            (
                "PairsOnly",
                a_circle_of_three_is_told::<Wrong<PairsOnly>>,
                Kind::Assertion,
            ),
            (
                "RefusesTwice",
                who_keeps_the_order_is_left_alone::<Wrong<RefusesTwice>>,
                Kind::Assertion,
            ),
        ],
    );
}
