//! Who was taken while what was held: a graph, and the first circle in it.
//!
//! Each lock is a node. When a thread takes `b` while it holds `a`, that is an edge from `a`
//! to `b`, kept with both places. A path from `b` back to `a` means that somewhere else, at
//! some other time, locks were taken the other way round. The two never met in this run; in
//! another they may, and then they wait for each other.
//!
//! The kernel of Linux does the same (`lockdep`), by kinds of locks instead of single ones.

use std::cell::RefCell;
use std::fmt;
use std::iter;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

use crate::ground::on_std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use crate::ground::{thread, thread_local};

/// A place in the source.
type Site = &'static Location<'static>;

/// A watched lock that the current thread holds.
struct Held {
    graph: Arc<Mutex<Graph>>,
    lock: usize,
    site: Site,
}

thread_local! {
    /// What the current thread holds, of all graphs, in the order in which it was taken.
    static HELD: RefCell<Vec<Held>> = const { RefCell::new(Vec::new()) };
}

/// Watches the order in which the locks made by it are taken.
///
/// No order is refused, and the program goes on as it would without: look at
/// [`cycle`](Self::cycle) when you like, at the end of a test, or when a watchdog barks. An
/// edge is noted *before* the thread waits, so a deadlock that did happen is in the report.
/// Only a thread that takes the same lock twice, and would wait for itself, gets a panic.
///
/// It may report a circle that can't become a deadlock: if both orders only ever occur on
/// the same thread, or only while a third lock is held that keeps them apart. A fixed order
/// is still the better program.
///
/// # Example
/// ```
/// use threadbare::locks::LockGraph;
///
/// let graph = LockGraph::new();
/// let (anna, ben) = (graph.mutex("anna", 10), graph.mutex("ben", 20));
/// {
///     let _from = anna.lock();
///     let _to = ben.lock();
/// }
/// assert!(graph.cycle().is_none());
/// {
///     let _from = ben.lock();
///     let _to = anna.lock(); // the other way round; nobody was there, nothing happened
/// }
/// let cycle = graph.cycle().expect("two orders make a circle");
/// assert_eq!(cycle.edges()[0].held, "anna");
/// assert!(cycle.to_string().starts_with("anna -> ben -> anna\n"), "{cycle}");
/// ```
#[derive(Clone, Default)]
pub struct LockGraph {
    graph: Arc<Mutex<Graph>>,
}

#[derive(Default)]
struct Graph {
    /// The names of the locks, by number.
    names: Vec<&'static str>,
    /// For each lock, those that were taken while it was held, each as it was first seen.
    taken_after: Vec<Vec<Noted>>,
    /// The first circle.
    cycle: Option<Cycle>,
}

/// An edge of the graph.
#[derive(Clone)]
struct Noted {
    to: usize,
    edge: Edge,
}

/// One lock was taken while another was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The name of the lock that was held.
    pub held: &'static str,
    /// Where it had been taken.
    pub held_since: &'static Location<'static>,
    /// The name of the lock that was taken.
    pub taken: &'static str,
    /// Where.
    pub taken_at: &'static Location<'static>,
    /// The name of the thread that did it, if it has one.
    pub thread: Option<String>,
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            held,
            held_since,
            taken,
            taken_at,
            thread,
        } = self;
        let thread = thread.as_deref().unwrap_or("unnamed");
        write!(
            f,
            "thread {thread} took {taken} at {taken_at}\n  while it held {held} since \
             {held_since}"
        )
    }
}

/// Locks that were taken in orders which together make a circle.
///
/// [`Display`](fmt::Display) is the whole report: the circle, then how each of its edges was
/// first seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    edges: Vec<Edge>,
}

impl Cycle {
    /// The edges of the circle: each is taken where the next is held, and the last takes
    /// what the first holds. The one that closed the circle is the last. At least two.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for edge in &self.edges {
            write!(f, "{} -> ", edge.held)?;
        }
        f.write_str(self.edges[0].held)?;
        for edge in &self.edges {
            write!(f, "\n{edge}")?;
        }
        Ok(())
    }
}

impl LockGraph {
    /// A graph without locks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A free mutex that this graph watches. Several may have the same name.
    ///
    /// # Cost
    /// The graph remembers each of its locks until it is dropped itself: for locks that live
    /// long, not for one per request.
    pub fn mutex<T>(&self, name: &'static str, value: T) -> WatchedMutex<T> {
        let mut graph = lock(&self.graph);
        graph.names.push(name);
        graph.taken_after.push(Vec::new());
        WatchedMutex {
            graph: Arc::clone(&self.graph),
            lock: graph.names.len() - 1,
            value: Mutex::new(value),
        }
    }

    /// The first circle that was seen, if there was one.
    #[must_use]
    pub fn cycle(&self) -> Option<Cycle> {
        lock(&self.graph).cycle.clone()
    }
}

impl Graph {
    /// Notes that `to` is taken at `site` while `held` is held.
    fn note(&mut self, held: &Held, to: usize, site: Site) {
        let from = held.lock;
        if self.taken_after[from].iter().any(|noted| noted.to == to) {
            return;
        }
        let edge = Edge {
            held: self.names[from],
            held_since: held.site,
            taken: self.names[to],
            taken_at: site,
            thread: thread::current().name().map(str::to_owned),
        };
        if self.cycle.is_none()
            && let Some(way_back) = self.path(to, from)
        {
            let edges = way_back.into_iter().chain(iter::once(edge.clone()));
            self.cycle = Some(Cycle {
                edges: edges.collect(),
            });
        }
        self.taken_after[from].push(Noted { to, edge });
    }

    // ANCHOR: path
    /// The edges of a way from one lock to another, if there is one: depth first, no lock
    /// visited twice.
    fn path(&self, from: usize, to: usize) -> Option<Vec<Edge>> {
        let mut visited = vec![false; self.names.len()];
        visited[from] = true;
        // The way to where we are: the locks on it, how many of each one's edges have been
        // tried, and the edges.
        let mut stack = vec![(from, 0)];
        let mut way = Vec::new();
        while let Some((lock, tried)) = stack.last_mut() {
            if *lock == to {
                return Some(way);
            }
            if let Some(next) = self.taken_after[*lock].get(*tried) {
                *tried += 1;
                if !visited[next.to] {
                    visited[next.to] = true;
                    stack.push((next.to, 0));
                    way.push(next.edge.clone());
                }
            } else {
                stack.pop();
                way.pop();
            }
        }
        None
    }
    // ANCHOR_END: path
}

/// The graph's own lock. Not watched: it is taken last and held while nothing else is taken.
/// A panic under it would need memory to run out; its lists only grow, so poison is ignored.
#[track_caller]
fn lock(graph: &Mutex<Graph>) -> MutexGuard<'_, Graph> {
    graph.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for LockGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let graph = lock(&self.graph);
        f.debug_struct("LockGraph")
            .field("locks", &graph.names)
            .field("cycle", &graph.cycle)
            .finish_non_exhaustive()
    }
}

/// A mutex whose [`LockGraph`] watches in which order it is taken.
///
/// # Poisoning
/// Passed on: [`lock`](Self::lock) panics if a thread panicked while it held the lock. The
/// data is yours, and only you could say whether it is whole.
pub struct WatchedMutex<T> {
    graph: Arc<Mutex<Graph>>,
    /// Its number in the graph.
    lock: usize,
    value: Mutex<T>,
}

impl<T> WatchedMutex<T> {
    /// Takes the lock; waits while another thread holds it.
    ///
    /// # Panics
    /// If this thread holds it already: it would wait for itself, and no report would be
    /// read. And if it is poisoned.
    /// # Blocking
    /// As std's `Mutex::lock`.
    /// # Cost
    /// Beside that of the lock: a reference counted and a thread-local vector; and while
    /// other locks of the graph are held, the graph's own lock and a look-up.
    #[track_caller]
    pub fn lock(&self) -> WatchedGuard<'_, T> {
        let site = Location::caller();
        HELD.with_borrow(|held| {
            let mut ours = held
                .iter()
                .filter(|held| Arc::ptr_eq(&held.graph, &self.graph))
                .peekable();
            if ours.peek().is_none() {
                return;
            }
            let mut graph = lock(&self.graph);
            for held in ours {
                assert!(
                    held.lock != self.lock,
                    "`{}` is taken at {site}\n  by the thread that holds it since {}",
                    graph.names[self.lock],
                    held.site
                );
                graph.note(held, self.lock, site);
            }
        });
        let guard = match self.value.lock() {
            Ok(guard) => guard,
            Err(_) => panic!(
                "a thread panicked while it held `{}`",
                lock(&self.graph).names[self.lock]
            ),
        };
        HELD.with_borrow_mut(|held| {
            held.push(Held {
                graph: Arc::clone(&self.graph),
                lock: self.lock,
                site,
            });
        });
        WatchedGuard { guard, mutex: self }
    }

    /// The value, borrowed through the exclusive borrow of the mutex: no lock is needed, and
    /// the graph notes nothing.
    ///
    /// # Panics
    /// If the lock is poisoned.
    ///
    /// ```
    /// let mut account = threadbare::locks::LockGraph::new().mutex("anna", 10);
    /// *account.get_mut() += 5;
    /// assert_eq!(account.into_inner(), 15);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        let value = self.value.get_mut();
        value.expect("nobody panicked while holding it")
    }

    /// Takes the value out. The graph keeps the lock's name.
    ///
    /// # Panics
    /// If the lock is poisoned.
    ///
    /// ```
    /// let account = threadbare::locks::LockGraph::new().mutex("anna", 10);
    /// assert_eq!(account.into_inner(), 10);
    /// ```
    pub fn into_inner(self) -> T {
        let value = self.value.into_inner();
        value.expect("nobody panicked while holding it")
    }
}

impl<T> fmt::Debug for WatchedMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedMutex")
            .field("name", &lock(&self.graph).names[self.lock])
            .finish_non_exhaustive()
    }
}

/// Holds a [`WatchedMutex`]. Guards may be dropped in any order.
#[must_use = "a guard that is dropped at once protects nothing"]
pub struct WatchedGuard<'a, T> {
    guard: MutexGuard<'a, T>,
    mutex: &'a WatchedMutex<T>,
}

impl<T> Deref for WatchedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for WatchedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

impl<T> Drop for WatchedGuard<'_, T> {
    fn drop(&mut self) {
        // A thread that is being torn down has no list any more.
        let _ = HELD.try_with(|held| {
            let mut held = held.borrow_mut();
            let is_this = |held: &Held| {
                held.lock == self.mutex.lock
                    && Arc::ptr_eq(&held.graph, &self.mutex.graph)
            };
            // From the end: what was taken last is mostly dropped first.
            if let Some(at) = held.iter().rposition(is_this) {
                held.remove(at);
            }
        });
    }
}

impl<T: fmt::Debug> fmt::Debug for WatchedGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
