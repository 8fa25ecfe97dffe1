//! Who was taken while what was held, by all threads since the program began; and whether
//! one more such pair closes a circle.
//!
//! A class of locks is a node. When a thread takes `b` while it holds `a`, that is an edge
//! from `a` to `b`, kept with both places as it was first seen. A way from `b` back to `a`
//! means that somewhere else, at some other time, locks were taken the other way round.
//!
//! To look for that way and to add the edge is one step, under the graph's own lock. In two
//! steps, two threads with opposite orders would both look, find nothing, and wait for each
//! other.
//!
//! An edge that would close a circle is not added: whoever tries it again is told again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::panic::Location;
use std::sync::PoisonError;

use super::Class;
use crate::ground::{Static, thread};
use crate::sync::held;
use crate::sync::{Mutex, MutexGuard};

/// A place in the source.
type Place = &'static Location<'static>;

static GRAPH: Static<Mutex<Graph>> = Static::new(|| Mutex::new(Graph::default()));

/// The graph's own lock. It has no class: it is taken last, and held while nothing else is.
fn graph() -> MutexGuard<'static, Graph> {
    GRAPH.lock().unwrap_or_else(PoisonError::into_inner)
}

// ANCHOR: ask
/// The caller is about to take `lock`, which is of class `wanted`.
///
/// # Panics
/// If its level is not above those of what this thread holds, or if it closes a circle.
#[track_caller]
pub(super) fn about_to_take<L: ?Sized>(wanted: Class, lock: &L) {
    let here = Location::caller();
    let held = held::with_classes();
    // Who holds this very lock is told by the lock. And a panic in a panic ends all.
    if held.is_empty() || held::has(lock) || thread::panicking() {
        return;
    }
    for &(class, at) in &held {
        if let (Some(level), Some(other)) = (wanted.level, class.level)
            && level <= other
        {
            panic!(
                "lock order: `{}` (level {level}) is wanted at {here},\n  while `{}` \
                 (level {other}) is held since {at}",
                wanted.name, class.name
            );
        }
    }
    let mut known = graph();
    for &(class, at) in &held {
        let edge = Edge::new(class.name, at, wanted.name, here);
        if let Err(way_back) = known.add(edge) {
            drop(known);
            panic!("{}", told(class.name, at, wanted.name, here, &way_back));
        }
    }
}
// ANCHOR_END: ask

/// One lock was taken while another was held.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    held: &'static str,
    held_at: Place,
    taken: &'static str,
    taken_at: Place,
    /// The name of the thread that did it, if it has one.
    thread: Option<String>,
}

impl Edge {
    pub(super) fn new(
        held: &'static str,
        held_at: Place,
        taken: &'static str,
        taken_at: Place,
    ) -> Self {
        let thread = thread::current().name().map(str::to_owned);
        Self {
            held,
            held_at,
            taken,
            taken_at,
            thread,
        }
    }
}

/// All that has been seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    /// For each class those that were taken while it was held, as it was first seen.
    edges: BTreeMap<&'static str, BTreeMap<&'static str, Edge>>,
}

impl Graph {
    // ANCHOR: edge
    /// Adds an edge.
    ///
    /// # Errors
    /// The way back, if there is one: then the edge would close a circle, and is not added.
    pub(super) fn add(&mut self, edge: Edge) -> Result<(), Vec<Edge>> {
        let after = self.edges.entry(edge.held).or_default();
        if after.contains_key(edge.taken) {
            return Ok(());
        }
        if let Some(way_back) = self.way(edge.taken, edge.held) {
            return Err(way_back);
        }
        self.edges
            .entry(edge.held)
            .or_default()
            .insert(edge.taken, edge);
        Ok(())
    }

    /// The shortest way from one class to another, if there is one.
    fn way(&self, from: &'static str, to: &str) -> Option<Vec<Edge>> {
        let mut seen = BTreeSet::from([from]);
        let mut ways = VecDeque::from([(from, Vec::new())]);
        while let Some((class, way)) = ways.pop_front() {
            if class == to {
                return Some(way);
            }
            for (next, edge) in self.edges.get(class).into_iter().flatten() {
                if seen.insert(next) {
                    ways.push_back((
                        next,
                        [way.as_slice(), std::slice::from_ref(edge)].concat(),
                    ));
                }
            }
        }
        None
    }
    // ANCHOR_END: edge
}

/// What the thread is told: the pair that it is about to add, and those that lead back.
fn told(
    held: &str,
    held_at: Place,
    wanted: &str,
    here: Place,
    way_back: &[Edge],
) -> String {
    let mut told = format!(
        "lock order: `{wanted}` is wanted at {here},\n  while `{held}` is held since \
         {held_at}"
    );
    if way_back.is_empty() {
        told += ": two locks of one name have no order";
    }
    for edge in way_back {
        let thread = edge.thread.as_deref().unwrap_or("without a name");
        let _ = write!(
            told,
            "\n  earlier, `{}` was taken at {},\n  while `{}` was held since {} (by \
             thread {thread})",
            edge.taken, edge.taken_at, edge.held, edge.held_at
        );
    }
    told
}
