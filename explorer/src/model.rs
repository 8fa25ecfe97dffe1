//! What is asked of the explorer: a model, its limits, and what came of it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::execution::{self, Ended, Site};
use crate::failure::{Failure, Found, Kind, Record};
use crate::graph::{self, Graph};
use crate::report;
use crate::schedule::Schedule;
use crate::search::{self, Root};

/// How many states a model may have, unless it says otherwise.
const STATES: usize = 200_000;

/// How many steps one run may take, unless the model says otherwise.
const STEPS: usize = 5_000;

/// A closure, and how to explore it.
///
/// ```
/// use explorer::{Kind, Model};
/// use explorer::ground::atomic::{AtomicU32, Ordering::Relaxed};
/// use explorer::ground::{sync::Arc, thread};
///
/// let failure = Model::new("two threads count to two")
///     .explore(|| {
///         let count = Arc::new(AtomicU32::new(0));
///         let other = Arc::clone(&count);
///         // ORDERING: Relaxed, here and below: the fault is not in the orderings.
///         let thread = thread::spawn(move || {
///             // ORDERING: as above.
///             other.store(other.load(Relaxed) + 1, Relaxed);
///         });
///         // ORDERING: as above.
///         count.store(count.load(Relaxed) + 1, Relaxed);
///         thread.join().unwrap();
///         // ORDERING: as above.
///         assert_eq!(count.load(Relaxed), 2, "an update is lost");
///     })
///     .unwrap_err();
/// assert_eq!(failure.kind, Kind::Assertion);
/// ```
#[derive(Clone, Debug)]
pub struct Model {
    name: String,
    limits: Limits,
    hints: Vec<(Kind, String)>,
    section: Option<String>,
}

/// What a model may do, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    pub(crate) time: Option<Duration>,
    pub(crate) spurious: Option<bool>,
    pub(crate) leaks: bool,
    pub(crate) preemptions: Option<usize>,
    pub(crate) orderings: bool,
    pub(crate) prune: bool,
    /// No load reads an old value: is the failure one of interleaving alone?
    pub(crate) newest_only: bool,
    /// Nothing happens for no reason: is the failure one without that?
    pub(crate) for_reasons_only: bool,
}

/// What a search has seen.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Stats {
    /// How many times the closure was run.
    pub executions: u64,
    /// How many different states it was in.
    pub states: usize,
    /// How many steps were taken in all runs.
    pub steps: u64,
    /// Whether everything that can happen has been tried.
    pub complete: bool,
    /// How long it took.
    pub time: Duration,
    /// Which orderings were used, at which line, on which location; only if the model was
    /// asked for them by [`Model::orderings`].
    pub orderings: BTreeSet<UsedOrdering>,
}

/// An ordering that was used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct UsedOrdering {
    /// The location's name; empty for a fence.
    pub location: String,
    /// `file:line`.
    pub site: String,
    /// `load`, `store`, `fetch_add`, `fence` ...
    pub operation: &'static str,
    /// The ordering, by name.
    pub ordering: String,
    /// The ordering on failure, of a compare-exchange.
    pub failure: Option<String>,
    pub(crate) place: Site,
}

impl Stats {
    pub(crate) fn count(&mut self, ended: &Ended, states: usize, time: Duration) {
        self.executions += 1;
        self.steps += ended.steps;
        self.states = states;
        self.time = time;
        for used in &ended.orderings {
            let [ordering, failure] =
                used.orderings.map(|it| it.map(|it| format!("{it:?}")));
            self.orderings.insert(UsedOrdering {
                location: used.location.clone(),
                site: format!("{}:{}", used.site.file(), used.site.line()),
                operation: used.operation,
                ordering: ordering.unwrap_or_default(),
                failure,
                place: used.site,
            });
        }
    }
}

impl Model {
    /// A model with the usual limits.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            limits: Limits {
                states: STATES,
                steps: STEPS,
                time: None,
                spurious: None,
                leaks: true,
                preemptions: None,
                orderings: false,
                prune: true,
                newest_only: false,
                for_reasons_only: false,
            },
            hints: Vec::new(),
            section: None,
        }
    }

    /// At most this many states; 200,000 unless said otherwise.
    pub fn states(mut self, states: usize) -> Self {
        self.limits.states = states;
        self
    }

    /// At most this many steps in one run; 5,000 unless said otherwise.
    pub fn steps(mut self, steps: usize) -> Self {
        self.limits.steps = steps;
        self
    }

    /// At most about this long; no limit unless said otherwise.
    pub fn time(mut self, time: Duration) -> Self {
        self.limits.time = Some(time);
        self
    }

    /// Whether a wait may return for no reason, and a weak compare-exchange fail for none,
    /// once each in every thread. By default they do while a model has at most three
    /// threads, the root included.
    pub fn spurious(mut self, spurious: bool) -> Self {
        self.limits.spurious = Some(spurious);
        self
    }

    /// Whether what was made in a run must be dropped in it; yes by default.
    pub fn leaks(mut self, leaks: bool) -> Self {
        self.limits.leaks = leaks;
        self
    }

    /// Only runs in which at most this many threads are interrupted while they could go on.
    /// A pass is then no proof.
    pub fn preemptions(mut self, preemptions: usize) -> Self {
        self.limits.preemptions = Some(preemptions);
        self
    }

    /// Whether a state that was seen before is not explored again; yes by default. Without
    /// it the same is found, only later: to see how much later, and to test that.
    pub fn prune(mut self, prune: bool) -> Self {
        self.limits.prune = prune;
        self
    }

    /// Collects [`Stats::orderings`].
    pub fn orderings(mut self) -> Self {
        self.limits.orderings = true;
        self
    }

    /// What to say to whoever sees a failure of this kind.
    pub fn hint(mut self, kind: Kind, hint: impl Into<String>) -> Self {
        self.hints.push((kind, hint.into()));
        self
    }

    /// Where the book explains it.
    pub fn section(mut self, section: impl Into<String>) -> Self {
        self.section = Some(section.into());
        self
    }

    /// Runs the closure in every way.
    ///
    /// A search that ends at one of the limits is `Ok` with [`Stats::complete`] false.
    ///
    /// # Cost
    /// Some microseconds a run in a release build. Two threads with a few operations each
    /// have tens to thousands of runs, three threads up to a million.
    ///
    /// # Errors
    /// The first failure that was found.
    ///
    /// # Panics
    /// If called inside a model.
    pub fn explore(&self, root: impl Fn() + 'static) -> Result<Stats, Box<Failure>> {
        self.search(&(Rc::new(root) as Root))
    }

    /// Runs the closure in every way, and collects what it returns.
    ///
    /// # Errors
    /// The first failure that was found, and [`Kind::TooLarge`] if a limit was reached.
    ///
    /// # Panics
    /// If called inside a model.
    pub fn outcomes<T: Ord + 'static>(
        &self,
        root: impl Fn() -> T + 'static,
    ) -> Result<(BTreeSet<T>, Stats), Box<Failure>> {
        let seen = Rc::new(RefCell::new(BTreeSet::new()));
        let set = Rc::clone(&seen);
        let stats = self.search(
            &(Rc::new(move || {
                let outcome = root();
                set.borrow_mut().insert(outcome);
            }) as Root),
        )?;
        if !stats.complete {
            return Err(self.too_large(&stats));
        }
        Ok((seen.take(), stats))
    }

    /// Draws all states of the model, those of failing runs too. What the closure returns
    /// is how a run ends. Meant for small models: thousands of states make a large graph.
    ///
    /// # Panics
    /// If one of the limits is reached, or if called inside a model.
    pub fn graph(&self, root: impl Fn() -> String + 'static) -> Graph {
        self.refuse_nesting();
        let returned = Rc::new(RefCell::new(String::new()));
        let last = Rc::clone(&returned);
        let root = Rc::new(move || {
            let outcome = root();
            *last.borrow_mut() = outcome;
        }) as Root;
        graph::draw(&self.limits, &root, &returned).unwrap_or_else(|| {
            panic!("the model {:?} is too large to be drawn", self.name)
        })
    }

    /// Runs the closure once, along a schedule that a report has printed, or that you wrote.
    ///
    /// A schedule is a list of steps, in order. `1` lets thread 1 take its next step; thread
    /// 0 is the closure itself, 1 the first thread that it starts. `1*3` is three of them.
    /// `1.2` is a step of thread 1 in which the first choice takes alternative 2, and
    /// `1.0.1` one in which the second takes alternative 1. What there is to choose, where
    /// there is more than one possibility:
    ///
    /// - which message a load or a read-modify-write reads: 0 is the newest, 1 the one before;
    /// - before which newer ones a store goes: 0 is behind all;
    /// - whether a wait returns, or a weak compare-exchange fails, for no reason: 1 is yes;
    /// - which of several sleepers is woken;
    /// - whether a reader lets a writer go first that waits for the same lock: 1 is yes;
    /// - whether a thread goes round a waiting loop alone, although nothing has changed.
    ///
    /// A choice that is not written is 0. Behind the end of the schedule, the thread that
    /// ran last goes on, or else the one with the lowest number. To start a thread is no
    /// step, nor is an access to a cell; to go on after a wait is one.
    ///
    /// # Errors
    /// The failure that this run shows; or [`Kind::BadSchedule`] if the schedule asks for a
    /// thread that can't take a step, or for a choice or a step that there is not.
    ///
    /// # Panics
    /// If called inside a model.
    pub fn replay(
        &self,
        schedule: &str,
        root: impl Fn() + 'static,
    ) -> Result<Stats, Box<Failure>> {
        self.refuse_nesting();
        let result = match schedule.parse::<Schedule>() {
            Ok(schedule) => {
                report::replay(&self.limits, schedule, &(Rc::new(root) as Root))
            }
            Err(sentence) => {
                let found = Found::new(Kind::BadSchedule, sentence, None);
                Err(Failure::new(found, &Stats::default(), Record::default()))
            }
        };
        result.map_err(|failure| self.sign(failure))
    }

    /// Runs the closure in every way; if one fails, prints the report on standard error and
    /// fails the test, without a second message from the panic.
    ///
    /// A model that is too large passes, with a note. Whoever must not accept that looks at
    /// [`Stats::complete`].
    ///
    /// # Panics
    /// With the [`Failure`] as payload, if one was found.
    pub fn check(&self, root: impl Fn() + 'static) -> Stats {
        match self.explore(root) {
            Ok(stats) => {
                if !stats.complete {
                    tell(&self.too_large(&stats));
                }
                stats
            }
            Err(failure) => {
                tell(&failure);
                // Without a call to the panic hook: the report says it all.
                panic::resume_unwind(failure)
            }
        }
    }

    fn search(&self, root: &Root) -> Result<Stats, Box<Failure>> {
        self.refuse_nesting();
        search::search(&self.limits, root).map_err(|failure| self.sign(failure))
    }

    fn refuse_nesting(&self) {
        assert!(
            !execution::is_active(),
            "the model {:?} is explored inside another model: run one after the other",
            self.name
        );
    }

    fn sign(&self, mut failure: Box<Failure>) -> Box<Failure> {
        failure.model.clone_from(&self.name);
        failure.section.clone_from(&self.section);
        let hint = self.hints.iter().find(|(kind, _)| *kind == failure.kind);
        failure.hint = hint.map(|(_, hint)| hint.clone());
        failure
    }

    fn too_large(&self, stats: &Stats) -> Box<Failure> {
        let sentence = format!(
            "no failure in {} executions and {} states, but not all have been tried",
            stats.executions, stats.states
        );
        let found = Found::new(Kind::TooLarge, sentence, None);
        self.sign(Failure::new(found, stats, Record::default()))
    }
}

static REPORTER: Mutex<Option<fn(&Failure)>> = Mutex::new(None);

/// Calls `reporter` where [`Model::check`] would print on standard error.
pub fn set_reporter(reporter: fn(&Failure)) {
    *REPORTER.lock().unwrap_or_else(PoisonError::into_inner) = Some(reporter);
}

fn tell(failure: &Failure) {
    let reporter = *REPORTER.lock().unwrap_or_else(PoisonError::into_inner);
    match reporter {
        Some(reporter) => reporter(failure),
        None => eprintln!("\n{}", failure.report_for_terminal()),
    }
}
