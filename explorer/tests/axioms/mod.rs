//! The memory model of C++20, from its text: no machine, no steps, only relations.
//!
//! A *candidate* says for each load which store it read, and for each location in which
//! order the stores to it come. All candidates of a small program are written down, and
//! those that the standard forbids are crossed out. Nothing here is shared with the explorer
//! except the type of a program, so the two are witnesses for each other.
//!
//! | here | in the standard |
//! |---|---|
//! | `sequenced` | sequenced before |
//! | `synchronises` | synchronizes with; release sequences: \[intro.races\]/5, fences: \[atomics.fences\] |
//! | `happens` | happens before (without consume, simply happens before, too) |
//! | `strongly` | strongly happens before, \[intro.races\]/12 |
//! | `coherent` | coherence-ordered before, \[atomics.order\]/3 |
//! | `total` | the edges that the total order S must have, \[atomics.order\]/4 |
//!
//! Two sets come out. One is what C++20 allows. The other is what is left of it if one step
//! is taken after the other: if there is an order of all operations that agrees with
//! sequenced-before, reads-from and S at the same time. That excludes load buffering, and it
//! excludes an S in which a thread's `SeqCst` store comes after what another thread did
//! because of a later store of that thread. It is what the explorer can show.

#[allow(dead_code, reason = "not every test asks for races")]
pub(crate) mod races;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Release, SeqCst};

use explorer::litmus::{Op, Outcome};

/// What a program can end in.
#[derive(Debug, Default)]
pub(crate) struct Allowed {
    /// By C++20.
    pub(crate) cxx20: BTreeSet<Outcome>,
    /// By C++20, in an order of execution.
    pub(crate) in_order: BTreeSet<Outcome>,
}

/// A candidate that C++20 allows.
struct Judged<'a> {
    outcome: Outcome,
    /// Whether there is an order of execution.
    in_order: bool,
    events: &'a [Event],
    happens: &'a Relation,
}

/// What a store writes.
#[derive(Clone, Copy, Debug)]
enum Value {
    Is(u64),
    /// What the same operation has read, and so much more.
    Plus(u64),
}

#[derive(Clone, Copy, Debug)]
struct Event {
    /// None for the first value of a location.
    thread: Option<usize>,
    /// None for a fence.
    location: Option<usize>,
    order: Ordering,
    /// The register that gets what was read.
    reads: Option<usize>,
    writes: Option<Value>,
    /// For a compare-exchange: what it expects, and whether it finds that.
    expects: Option<(u64, bool)>,
}

/// A relation between events: row a has bit b if a is related to b.
type Relation = Vec<u32>;

fn related(relation: &Relation, a: usize, b: usize) -> bool {
    relation[a] >> b & 1 == 1
}

fn relate(relation: &mut Relation, a: usize, b: usize) {
    relation[a] |= 1 << b;
}

fn bits(row: u32) -> impl Iterator<Item = usize> {
    (0..32).filter(move |bit| row >> bit & 1 == 1)
}

/// The transitive closure.
fn closed(mut relation: Relation) -> Relation {
    for via in 0..relation.len() {
        let reached = relation[via];
        for row in &mut relation {
            if *row >> via & 1 == 1 {
                *row |= reached;
            }
        }
    }
    relation
}

fn union(a: &Relation, b: &Relation) -> Relation {
    a.iter().zip(b).map(|(a, b)| a | b).collect()
}

/// a ; b: from x to z if a leads from x to some y, and b from there to z.
fn then(a: &Relation, b: &Relation) -> Relation {
    let follow = |row: &u32| bits(*row).map(|via| b[via]).fold(0, |x, y| x | y);
    a.iter().map(follow).collect()
}

fn is_acyclic(relation: &Relation) -> bool {
    let closure = closed(relation.clone());
    (0..closure.len()).all(|event| !related(&closure, event, event))
}

fn acquires(order: Ordering) -> bool {
    matches!(order, Acquire | AcqRel | SeqCst)
}

fn releases(order: Ordering) -> bool {
    matches!(order, Release | AcqRel | SeqCst)
}

/// All that the program may end in.
pub(crate) fn outcomes(threads: &[Vec<Op>]) -> Allowed {
    let mut allowed = Allowed::default();
    candidates(threads, &mut |judged| {
        if judged.in_order {
            allowed.in_order.insert(judged.outcome.clone());
        }
        allowed.cxx20.insert(judged.outcome);
    });
    allowed
}

/// Calls `visit` with each candidate that C++20 allows.
fn candidates(threads: &[Vec<Op>], visit: &mut dyn FnMut(Judged)) {
    let exchanges = threads
        .iter()
        .flatten()
        .filter(|op| matches!(op, Op::CompareExchange(..)))
        .count();
    // Whether a compare-exchange succeeds decides what it is: try both for each.
    for successes in 0..1_u32 << exchanges {
        let events = events(threads, successes);
        assert!(events.len() <= 32, "a program of at most 32 events");
        let mut candidate = Candidate {
            source: vec![None; events.len()],
            order: Vec::new(),
            events,
            visit,
        };
        candidate.choose_sources(0);
    }
}

fn events(threads: &[Vec<Op>], successes: u32) -> Vec<Event> {
    let mut events = Vec::new();
    let mut exchanges = 0;
    for (thread, ops) in threads.iter().enumerate() {
        for &op in ops {
            let (location, order, reads, writes, expects) = match op {
                Op::Write(l, value, order) => {
                    (Some(l), order, None, Some(Value::Is(value)), None)
                }
                Op::Read(register, l, order) => {
                    (Some(l), order, Some(register), None, None)
                }
                Op::Add(register, l, n, order) => {
                    (Some(l), order, Some(register), Some(Value::Plus(n)), None)
                }
                Op::CompareExchange(register, l, expected, new, order, failure) => {
                    let succeeds = successes >> exchanges & 1 == 1;
                    exchanges += 1;
                    let order = if succeeds { order } else { failure };
                    let writes = succeeds.then_some(Value::Is(new));
                    let expects = Some((expected, succeeds));
                    (Some(l), order, Some(register), writes, expects)
                }
                Op::Fence(order) => (None, order, None, None, None),
            };
            events.push(Event {
                thread: Some(thread),
                location,
                order,
                reads,
                writes,
                expects,
            });
        }
    }
    let locations = events.iter().filter_map(|event| event.location).max();
    for location in 0..locations.map_or(0, |last| last + 1) {
        events.push(Event {
            thread: None,
            location: Some(location),
            order: Ordering::Relaxed,
            reads: None,
            writes: Some(Value::Is(0)),
            expects: None,
        });
    }
    events
}

struct Candidate<'a> {
    events: Vec<Event>,
    /// For each event that reads: the store that it reads.
    source: Vec<Option<usize>>,
    /// For each location its stores in modification order.
    order: Vec<Vec<usize>>,
    visit: &'a mut dyn FnMut(Judged),
}

impl Candidate<'_> {
    fn stores(&self, location: Option<usize>) -> Vec<usize> {
        (0..self.events.len())
            .filter(|&event| {
                self.events[event].writes.is_some()
                    && self.events[event].location == location
            })
            .collect()
    }

    /// Chooses a store for each load, from event number `at` on.
    fn choose_sources(&mut self, at: usize) {
        let Some(event) = self.events.get(at) else {
            if let Some(values) = self.values() {
                self.choose_orders(0, &values);
            }
            return;
        };
        if event.reads.is_none() {
            return self.choose_sources(at + 1);
        }
        for store in self.stores(event.location) {
            if store != at {
                self.source[at] = Some(store);
                self.choose_sources(at + 1);
            }
        }
        self.source[at] = None;
    }

    /// What each event has written; nothing if that contradicts itself.
    fn values(&self) -> Option<Vec<u64>> {
        let count = self.events.len();
        // Values travel along reads-from; nothing to wait for after `count` rounds.
        let mut written: Vec<Option<u64>> = vec![None; count];
        for _ in 0..=count {
            for event in 0..count {
                let read = self.source[event].and_then(|store| written[store]);
                written[event] = match self.events[event].writes {
                    Some(Value::Is(value)) => Some(value),
                    Some(Value::Plus(more)) => read.map(|read| read + more),
                    None => None,
                };
            }
        }
        let read = |event: usize| self.source[event].map(|store| written[store]);
        for event in 0..count {
            match (read(event), self.events[event].expects) {
                // A circle of additions: a value out of thin air.
                (Some(None), _) => return None,
                (Some(Some(value)), Some((expected, succeeds)))
                    if (value == expected) != succeeds =>
                {
                    return None;
                }
                _ => {}
            }
        }
        Some(written.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// Chooses a modification order for each location, from number `location` on.
    fn choose_orders(&mut self, location: usize, values: &[u64]) {
        let mut stores = self.stores(Some(location));
        // The first value is listed last.
        let Some(first) = stores.pop() else {
            return self.judge(values);
        };
        self.extend_order(location, vec![first], &stores, values);
    }

    fn extend_order(
        &mut self,
        location: usize,
        order: Vec<usize>,
        left: &[usize],
        values: &[u64],
    ) {
        if left.is_empty() {
            self.order.push(order);
            self.choose_orders(location + 1, values);
            self.order.pop();
            return;
        }
        for &next in left {
            // A read-modify-write comes right behind what it has read.
            let reads = self.source[next];
            if reads.is_some() && reads != order.last().copied() {
                continue;
            }
            let mut order = order.clone();
            order.push(next);
            let left: Vec<_> =
                left.iter().copied().filter(|&it| it != next).collect();
            self.extend_order(location, order, &left, values);
        }
    }

    /// Crosses out a complete candidate, or shows it to the visitor.
    fn judge(&mut self, values: &[u64]) {
        let sequenced = self.sequenced();
        let reads_from = self.reads_from();
        let synchronises = self.synchronises(&sequenced);
        let happens = closed(union(&sequenced, &synchronises));
        let coherent = self.coherent(&reads_from);
        let backwards = |a: usize, b: usize| b == a || related(&coherent, b, a);
        let mut after = happens.iter().enumerate();
        if after.any(|(a, after)| bits(*after).any(|b| backwards(a, b))) {
            return;
        }
        let total = self.total(&sequenced, &synchronises, &happens, &coherent);
        if !is_acyclic(&total) {
            return;
        }
        let executed = union(&union(&sequenced, &reads_from), &total);
        let outcome = self.outcome(values);
        (self.visit)(Judged {
            outcome,
            in_order: is_acyclic(&executed),
            events: &self.events,
            happens: &happens,
        });
    }

    fn outcome(&self, values: &[u64]) -> Outcome {
        let registers = self.events.iter().filter_map(|event| event.reads).max();
        let mut registers = vec![0; registers.map_or(0, |last| last + 1)];
        for (event, it) in self.events.iter().enumerate() {
            if let (Some(register), Some(store)) = (it.reads, self.source[event]) {
                registers[register] = values[store];
            }
        }
        let newest = |order: &Vec<usize>| values[order[order.len() - 1]];
        let memory = self.order.iter().map(newest).collect();
        Outcome { registers, memory }
    }

    fn sequenced(&self) -> Relation {
        let before = |a: usize, b: usize| match self.events[a].thread {
            // The first values come before everything.
            None => self.events[b].thread.is_some(),
            thread => a < b && thread == self.events[b].thread,
        };
        self.relation(before)
    }

    fn relation(&self, holds: impl Fn(usize, usize) -> bool) -> Relation {
        let count = self.events.len();
        let mut relation = vec![0; count];
        for a in 0..count {
            for b in (0..count).filter(|&b| holds(a, b)) {
                relate(&mut relation, a, b);
            }
        }
        relation
    }

    fn reads_from(&self) -> Relation {
        self.relation(|store, load| self.source[load] == Some(store))
    }

    fn is_fence(&self, event: usize) -> bool {
        self.events[event].location.is_none()
    }

    fn synchronises(&self, sequenced: &Relation) -> Relation {
        let count = self.events.len();
        let mut relation = vec![0; count];
        for load in 0..count {
            // The stores in whose release sequence it reads: back through
            // read-modify-writes.
            let mut head = self.source[load];
            while let Some(store) = head {
                for from in 0..count {
                    let fence =
                        self.is_fence(from) && related(sequenced, from, store);
                    if !(from == store || fence)
                        || !releases(self.events[from].order)
                    {
                        continue;
                    }
                    for to in 0..count {
                        let fence =
                            self.is_fence(to) && related(sequenced, load, to);
                        if (to == load || fence) && acquires(self.events[to].order) {
                            relate(&mut relation, from, to);
                        }
                    }
                }
                head = self.source[store];
            }
        }
        relation
    }

    fn coherent(&self, reads_from: &Relation) -> Relation {
        let count = self.events.len();
        let mut modified = vec![0; count];
        for order in &self.order {
            for (at, &earlier) in order.iter().enumerate() {
                for &later in &order[at + 1..] {
                    relate(&mut modified, earlier, later);
                }
            }
        }
        let mut overtaken = vec![0; count];
        for (load, source) in self.source.iter().enumerate() {
            if let Some(store) = *source {
                overtaken[load] = modified[store] & !(1 << load);
            }
        }
        closed(union(&union(reads_from, &modified), &overtaken))
    }

    fn total(
        &self,
        sequenced: &Relation,
        synchronises: &Relation,
        happens: &Relation,
        coherent: &Relation,
    ) -> Relation {
        let is_sc = |event: usize| self.events[event].order == SeqCst;
        let both = self.relation(|a, b| {
            related(synchronises, a, b)
                && is_sc(a)
                && is_sc(b)
                && !self.is_fence(a)
                && !self.is_fence(b)
        });
        let around = then(sequenced, &then(happens, sequenced));
        let strongly = closed(union(&union(sequenced, &both), &around));
        let mut total =
            self.relation(|a, b| is_sc(a) && is_sc(b) && related(&strongly, a, b));
        let count = self.events.len();
        let fences: Vec<_> = (0..count)
            .filter(|&it| self.is_fence(it) && is_sc(it))
            .collect();
        for (a, later) in coherent.iter().enumerate() {
            for b in bits(*later) {
                let before =
                    fences.iter().copied().filter(|&x| related(happens, x, a));
                let after =
                    fences.iter().copied().filter(|&y| related(happens, b, y));
                let after: Vec<_> = after.chain(is_sc(b).then_some(b)).collect();
                for x in before.chain(is_sc(a).then_some(a)) {
                    for &y in &after {
                        relate(&mut total, x, y);
                    }
                }
            }
        }
        total
    }
}
