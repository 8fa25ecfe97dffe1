//! Runs one version of a primitive under one checker, in this process, and prints what
//! [`crate::verdict`] reads.
//!
//! The clock starts when the search does. Before that the checker gets one model that is right
//! and one that is wrong, so that what a process pays only once - stacks, thread-locals, the
//! tables for unwinding - is paid. A version has one model or several; they run in order up to the first failure,
//! and count together.

use crate::subjects::Version;
use crate::{ground, subjects};
use ::explorer::Model;
use ::loom::model::Builder;
use ::shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use ::shuttle::{Config, FailurePersistence, MaxSteps, Runner};
use std::any::Any;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How long to search, and how.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// When to give up.
    pub time: Duration,
    /// How often loom may take a thread off that could have gone on; all it likes if `None`.
    pub preemptions: Option<usize>,
    /// Where shuttle's random numbers start.
    pub seed: u64,
    /// How many executions of each model loom and shuttle may try.
    pub executions: usize,
}

/// How many states a model may have in the explorer: far more than any primitive's.
const STATES_MAX: usize = 5_000_000;

/// How many operations one execution may have before loom calls it endless: ten times as many
/// as it allows by itself.
const LOOM_BRANCHES_MAX: usize = 10_000;

/// After how many executions loom looks whether it is to stop.
const LOOM_LOOKS_UP: usize = 16;

/// How many operations an execution may have before shuttle calls it endless.
const SHUTTLE_STEPS_MAX: usize = 10_000;

/// How many turns in a bad order shuttle's PCT scheduler looks for.
const PCT_DEPTH: usize = 3;

/// A model, as every checker takes it.
type Body = Arc<dyn Fn() + Send + Sync>;

/// What a search has to say about one model.
struct Searched {
    outcome: &'static str,
    states: u64,
    /// What failed and after which time, if the panic hook has not said it.
    failed: Option<(Duration, String)>,
}

/// Executions begun, over all models of the version.
static EXECUTIONS: AtomicUsize = AtomicUsize::new(0);

/// Whether a failure was printed: the first one counts.
static FAILED: AtomicBool = AtomicBool::new(false);

/// Runs `version` under `checker`, prints the verdict, and returns false if there is no such
/// checker.
#[must_use]
pub fn run(checker: &str, version: &Version, limits: Limits) -> bool {
    type Check = fn(Body, Limits) -> Searched;
    let (check, warm_up): (Check, fn()) = match checker {
        "explorer" => (explorer, subjects::two_threads_over_explorer),
        "loom" => (loom, subjects::two_threads_over_loom),
        "shuttle-random" => (shuttle_random, subjects::two_threads_over_shuttle),
        "shuttle-pct" => (shuttle_pct, subjects::two_threads_over_shuttle),
        _ => return false,
    };
    let once = Limits {
        executions: 1,
        ..limits
    };
    check(Arc::new(warm_up), once);
    panic::set_hook(Box::new(|_| ()));
    check(Arc::new(|| panic!("a failure to begin with")), once);
    // ORDERING: Relaxed. One thread of the system runs the whole search.
    EXECUTIONS.store(0, Relaxed);
    let started = Instant::now();
    // The explorer has a hook of its own, and hands out a failure as a value.
    if checker != "explorer" {
        panic::set_hook(Box::new(move |panic| {
            // What is no text is how loom's coroutines end: they unwind on purpose.
            let says = panic.payload_as_str();
            if let Some(says) = says.filter(|says| !is_alone(says)) {
                failed(0, started.elapsed(), says);
            }
        }));
    }
    let mut states = 0;
    let mut outcome = "passed";
    for model in &version.models {
        let before = started.elapsed();
        let left = Limits {
            time: limits.time.saturating_sub(before),
            ..limits
        };
        let searched = check(Arc::clone(&model.run), left);
        states += searched.states;
        outcome = searched.outcome;
        if let Some((after, says)) = searched.failed {
            failed(states, before + after, &says);
        }
        if outcome != "passed" {
            break;
        }
    }
    say(&format!("ended {outcome}"), states, started.elapsed(), "");
    true
}

/// Lets the explorer search until it has seen everything.
fn explorer(body: Body, limits: Limits) -> Searched {
    let model = Model::new("a primitive")
        .states(STATES_MAX)
        .time(limits.time);
    let (outcome, executions, states, failed) = match model.explore(move || body()) {
        Ok(stats) => {
            let outcome = if stats.complete {
                "passed"
            } else {
                "unfinished"
            };
            (outcome, stats.executions, stats.states, None)
        }
        Err(failure) => {
            let says = format!("{}: {}", failure.kind, failure.sentence);
            let failed = Some((failure.time, says));
            ("failed", failure.executions, failure.states, failed)
        }
    };
    // ORDERING: Relaxed. One thread of the system runs the whole search.
    EXECUTIONS.fetch_add(executions as usize, Relaxed);
    Searched {
        outcome,
        states: states as u64,
        failed,
    }
}

/// Lets loom search until it has seen everything that it wants to see.
fn loom(body: Body, limits: Limits) -> Searched {
    let mut builder = Builder::new();
    builder.max_branches = LOOM_BRANCHES_MAX;
    builder.preemption_bound = limits.preemptions;
    builder.max_duration = Some(limits.time);
    builder.max_permutations = Some(limits.executions);
    // How often it looks at its limits.
    builder.checkpoint_interval = LOOM_LOOKS_UP;
    let (started, before) = (Instant::now(), executions());
    let search = || builder.check(counted(move || body()));
    let mut searched = searched(search, started, limits);
    let tried = executions() - before;
    if searched.outcome == "passed" && tried + LOOM_LOOKS_UP >= limits.executions {
        searched.outcome = "unfinished";
    }
    searched
}

fn shuttle_random(body: Body, limits: Limits) -> Searched {
    let scheduler = RandomScheduler::new_from_seed(limits.seed, limits.executions);
    shuttle(scheduler, body, limits)
}

fn shuttle_pct(body: Body, limits: Limits) -> Searched {
    let executions = limits.executions;
    let scheduler = PctScheduler::new_from_seed(limits.seed, PCT_DEPTH, executions);
    shuttle(scheduler, body, limits)
}

/// Lets shuttle try as many schedules as it may.
fn shuttle(
    scheduler: impl Scheduler + 'static,
    body: Body,
    limits: Limits,
) -> Searched {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.silence_warnings = true;
    config.max_steps = MaxSteps::FailAfter(SHUTTLE_STEPS_MAX);
    config.max_time = Some(limits.time);
    let started = Instant::now();
    let body = counted(move || {
        ground::shuttle::futex::reset();
        body();
    });
    let search = || {
        Runner::new(scheduler, config).run(body);
    };
    searched(search, started, limits)
}

/// Runs a search that panics where it finds something, and that may end early.
fn searched(search: impl FnOnce(), started: Instant, limits: Limits) -> Searched {
    let result = panic::catch_unwind(AssertUnwindSafe(search));
    let outcome = match result {
        Err(panic) if text_of(&*panic).is_some_and(is_alone) => "passed",
        Err(_) => "failed",
        Ok(()) if started.elapsed() >= limits.time => "unfinished",
        Ok(()) => "passed",
    };
    Searched {
        outcome,
        states: 0,
        failed: None,
    }
}

/// Whether it is PCT that says so, of a model of one thread, in which it can find nothing.
fn is_alone(says: &str) -> bool {
    says.starts_with("test closure did not exercise any concurrency")
}

fn text_of(panic: &(dyn Any + Send)) -> Option<&str> {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
}

/// Counts how often a model is run.
fn counted(
    body: impl Fn() + Send + Sync + 'static,
) -> impl Fn() + Send + Sync + 'static {
    move || {
        // ORDERING: Relaxed. A count, read by the same thread.
        EXECUTIONS.fetch_add(1, Relaxed);
        body();
    }
}

fn executions() -> usize {
    // ORDERING: Relaxed. A count, written by the same thread.
    EXECUTIONS.load(Relaxed)
}

/// Prints what failed, the first time.
fn failed(states: u64, after: Duration, says: &str) {
    // ORDERING: Relaxed. One thread of the system runs the whole search.
    if !FAILED.swap(true, Relaxed) {
        say("failed", states, after, says);
    }
}

fn say(what: &str, states: u64, after: Duration, says: &str) {
    let time = after.as_nanos();
    let executions = executions();
    let says: Vec<_> = says.split_whitespace().collect();
    let says = says.join(" ");
    let line = format!("{what} {executions} {states} {time} {says}\n");
    // Nobody is left to hear that standard output is closed.
    let _ = io::stdout().write_all(line.as_bytes());
}
