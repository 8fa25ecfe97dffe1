//! Lock order under the model checker: what is broken is told in *every* run, not only in
//! those that deadlock. And versions that are wrong by a line.

use std::cell::RefCell;
use std::marker::PhantomData;

use explorer::Kind;

use super::{LockGraph, OrderedMutex, WatchedMutex};
use crate::ground::on_std::sync::{Arc, Mutex, MutexGuard};
use crate::ground::{Static, thread_local};
use crate::modelled::{caught, holds, start};

/// A mutex with a level, or what somebody took for one.
trait Levelled: Send + Sync + 'static {
    type Guard<'a>;
    fn new(level: u32) -> Self;
    fn lock(&self) -> Self::Guard<'_>;
}

impl Levelled for OrderedMutex<()> {
    type Guard<'a> = super::OrderedGuard<'a, ()>;

    fn new(level: u32) -> Self {
        Self::new("lock", level, ())
    }

    fn lock(&self) -> Self::Guard<'_> {
        self.lock()
    }
}

/// What is wrong with a version.
trait Fault: Send + Sync + 'static {
    /// Allows to take a level that is held.
    const ALLOWS_EQUAL: bool = false;
    /// Waits for the lock, and looks at the level when it has it.
    const LOOKS_LATE: bool = false;
    /// Takes the newest entry off the list when a guard is dropped, whichever it is.
    const DROPS_NEWEST: bool = false;
    /// Has one list for all threads.
    const SHARES_THE_LIST: bool = false;
    /// Looks for the same two locks the other way round, and for no longer circle.
    const PAIRS_ONLY: bool = false;
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
    AllowsEqual: ALLOWS_EQUAL,
    LooksLate: LOOKS_LATE,
    DropsNewest: DROPS_NEWEST,
    SharesTheList: SHARES_THE_LIST,
    PairsOnly: PAIRS_ONLY
);

thread_local! {
    static MINE: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

static EVERYBODYS: Static<Mutex<Vec<u32>>> = Static::new(Mutex::default);

/// Does something with the list of what is held.
fn with_held<F: Fault, R>(work: impl FnOnce(&mut Vec<u32>) -> R) -> R {
    if F::SHARES_THE_LIST {
        work(&mut EVERYBODYS.lock().unwrap())
    } else {
        MINE.with_borrow_mut(work)
    }
}

fn forget<F: Fault>(lock: u32) {
    with_held::<F, _>(|held| {
        let at = if F::DROPS_NEWEST {
            held.len().checked_sub(1)
        } else {
            held.iter().rposition(|held| *held == lock)
        };
        at.map(|at| held.remove(at));
    });
}

/// A mutex with a level that has a fault.
struct Wrong<F> {
    level: u32,
    value: Mutex<()>,
    _fault: PhantomData<F>,
}

struct WrongGuard<'a, F: Fault> {
    level: u32,
    _guard: MutexGuard<'a, ()>,
    _fault: PhantomData<F>,
}

impl<F: Fault> Levelled for Wrong<F> {
    type Guard<'a> = WrongGuard<'a, F>;

    fn new(level: u32) -> Self {
        Self {
            level,
            value: Mutex::new(()),
            _fault: PhantomData,
        }
    }

    fn lock(&self) -> WrongGuard<'_, F> {
        let level = self.level;
        let look = || {
            let highest = with_held::<F, _>(|held| held.last().copied());
            let allowed = highest.is_none_or(|highest| {
                level > highest || F::ALLOWS_EQUAL && level == highest
            });
            assert!(allowed, "lock order");
        };
        if !F::LOOKS_LATE {
            look();
        }
        let guard = self.value.lock().expect("nobody panicked while holding it");
        if F::LOOKS_LATE {
            look();
        }
        with_held::<F, _>(|held| held.push(level));
        WrongGuard {
            level,
            _guard: guard,
            _fault: PhantomData,
        }
    }
}

impl<F: Fault> Drop for WrongGuard<'_, F> {
    fn drop(&mut self) {
        forget::<F>(self.level);
    }
}

/// Two threads climb. Nobody is told anything.
fn who_climbs_is_left_alone<L: Levelled>() {
    let locks = Arc::new([L::new(1), L::new(2)]);
    let climb = |[low, high]: &[L; 2]| {
        let _low = low.lock();
        let _high = high.lock();
    };
    let other = start(&locks, climb);
    climb(&locks);
    other.join().unwrap();
}

/// One thread climbs, one comes down: that one is told, whether they meet or not.
fn who_comes_down_is_told<L: Levelled>() {
    let locks = Arc::new([L::new(1), L::new(2)]);
    let up = start(&locks, |[low, high]| {
        let _low = low.lock();
        let _high = high.lock();
    });
    let down = start(&locks, |[low, high]| {
        let _high = high.lock();
        let _low = low.lock();
    });
    assert!(down.join().is_err(), "nobody was told");
    // This one may find a lock poisoned by the other's panic.
    let _ = up.join();
}

/// A thread takes what it holds.
fn who_takes_it_twice_is_told<L: Levelled>() {
    let lock = Arc::new(L::new(1));
    let twice = start(&lock, |lock| {
        let _once = lock.lock();
        let _twice = lock.lock();
    });
    assert!(twice.join().is_err(), "nobody was told");
}

/// The lower of two guards is dropped first. The upper is still held.
fn guards_are_dropped_in_any_order<L: Levelled>() {
    let locks = Arc::new([L::new(1), L::new(2)]);
    let thread = start(&locks, |[low, high]| {
        let first = low.lock();
        let _second = high.lock();
        drop(first);
        let _twice = high.lock();
    });
    assert!(thread.join().is_err(), "nobody was told");
}

/// Three locks that are watched, or what somebody took for that.
trait Watched: Send + Sync + 'static {
    fn new() -> Self;
    /// Takes one lock and then another, and lets both go.
    fn nest(&self, outer: usize, inner: usize);
    /// Takes two locks, lets the first go, and takes a third.
    fn chain(&self, first: usize, second: usize, third: usize);
    fn has_cycle(&self) -> bool;
}

impl Watched for (LockGraph, [WatchedMutex<()>; 3]) {
    fn new() -> Self {
        let graph = LockGraph::new();
        let locks = ["a", "b", "c"].map(|name| graph.mutex(name, ()));
        (graph, locks)
    }

    fn nest(&self, outer: usize, inner: usize) {
        let _outer = self.1[outer].lock();
        let _inner = self.1[inner].lock();
    }

    fn chain(&self, first: usize, second: usize, third: usize) {
        let first = self.1[first].lock();
        let _second = self.1[second].lock();
        drop(first);
        let _third = self.1[third].lock();
    }

    fn has_cycle(&self) -> bool {
        self.0.cycle().is_some()
    }
}

/// A graph that has a fault: edges by number.
struct WrongGraph<F> {
    locks: [Mutex<()>; 3],
    edges: Mutex<Vec<(usize, usize)>>,
    _fault: PhantomData<F>,
}

impl<F: Fault> WrongGraph<F> {
    fn lock(&self, lock: usize) -> MutexGuard<'_, ()> {
        let mut edges = self.edges.lock().unwrap();
        with_held::<F, _>(|held| {
            edges.extend(held.iter().map(|held| (*held as usize, lock)));
        });
        drop(edges);
        let guard = self.locks[lock].lock().unwrap();
        with_held::<F, _>(|held| held.push(lock as u32));
        guard
    }
}

/// Whether there is a way of at most so many edges.
fn way(edges: &[(usize, usize)], from: usize, to: usize, longest: usize) -> bool {
    from == to
        || longest > 0
            && edges.iter().any(|(held, taken)| {
                *held == from && way(edges, *taken, to, longest - 1)
            })
}

impl<F: Fault> Watched for WrongGraph<F> {
    fn new() -> Self {
        Self {
            locks: [(); 3].map(Mutex::new),
            edges: Mutex::default(),
            _fault: PhantomData,
        }
    }

    fn nest(&self, outer: usize, inner: usize) {
        let guards = (self.lock(outer), self.lock(inner));
        drop(guards);
        forget::<F>(inner as u32);
        forget::<F>(outer as u32);
    }

    fn chain(&self, first: usize, second: usize, third: usize) {
        let (one, two) = (self.lock(first), self.lock(second));
        drop(one);
        forget::<F>(first as u32);
        let three = self.lock(third);
        drop((two, three));
        forget::<F>(third as u32);
        forget::<F>(second as u32);
    }

    fn has_cycle(&self) -> bool {
        let edges = self.edges.lock().unwrap();
        let longest = if F::PAIRS_ONLY { 1 } else { 2 };
        edges
            .iter()
            .any(|(held, taken)| way(&edges, *taken, *held, longest))
    }
}

/// Two threads take two locks in one order.
fn one_order_is_no_cycle<W: Watched>() {
    let locks = Arc::new(W::new());
    let other = start(&locks, |locks| locks.nest(0, 1));
    locks.nest(0, 1);
    other.join().unwrap();
    assert!(!locks.has_cycle(), "a circle where there is none");
}

/// Three threads, one after the other: they can't meet, and yet it is seen that they might.
fn a_cycle_of_three_is_seen<W: Watched>() {
    let locks = Arc::new(W::new());
    for (outer, inner) in [(0, 1), (1, 2), (2, 0)] {
        assert!(!locks.has_cycle(), "a circle where there is none");
        let thread = start(&locks, move |locks| locks.nest(outer, inner));
        thread.join().unwrap();
    }
    assert!(locks.has_cycle(), "a circle of three, and nobody was told");
}

/// The first of two guards is dropped first; the second is held while a third is taken.
fn what_is_still_held_counts<W: Watched>() {
    let locks = Arc::new(W::new());
    locks.chain(0, 1, 2);
    let thread = start(&locks, |locks| locks.nest(2, 1));
    thread.join().unwrap();
    assert!(locks.has_cycle(), "a circle, and nobody was told");
}

type Right = (LockGraph, [WatchedMutex<()>; 3]);

#[test]
fn lock_order_keeps_its_promises_in_every_order() {
    holds("climb", who_climbs_is_left_alone::<OrderedMutex<()>>);
    holds("come down", who_comes_down_is_told::<OrderedMutex<()>>);
    holds("twice", who_takes_it_twice_is_told::<OrderedMutex<()>>);
    holds(
        "any order",
        guards_are_dropped_in_any_order::<OrderedMutex<()>>,
    );
    holds("one order", one_order_is_no_cycle::<Right>);
    holds("a cycle of three", a_cycle_of_three_is_seen::<Right>);
    holds("still held", what_is_still_held_counts::<Right>);
}

#[test]
fn versions_that_are_wrong_by_one_line_are_caught() {
    caught(
        "lock order",
        &[
            (
                "a level that AllowsEqual",
                who_takes_it_twice_is_told::<Wrong<AllowsEqual>>,
                Kind::Deadlock,
            ),
            (
                "a level that LooksLate",
                who_comes_down_is_told::<Wrong<LooksLate>>,
                Kind::Deadlock,
            ),
            (
                "a level that DropsNewest",
                guards_are_dropped_in_any_order::<Wrong<DropsNewest>>,
                Kind::Deadlock,
            ),
            (
                "a level that SharesTheList",
                who_climbs_is_left_alone::<Wrong<SharesTheList>>,
                Kind::Assertion,
            ),
            (
                "a graph of PairsOnly",
                a_cycle_of_three_is_seen::<WrongGraph<PairsOnly>>,
                Kind::Assertion,
            ),
            (
                "a graph that DropsNewest",
                what_is_still_held_counts::<WrongGraph<DropsNewest>>,
                Kind::Assertion,
            ),
            (
                "a graph that SharesTheList",
                one_order_is_no_cycle::<WrongGraph<SharesTheList>>,
                Kind::Assertion,
            ),
        ],
    );
}
