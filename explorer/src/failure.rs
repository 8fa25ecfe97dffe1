//! What went wrong in a run: the kind, one sentence, and the run itself.

use std::fmt;
use std::time::Duration;

use crate::execution::Site;
use crate::model::Stats;
use crate::schedule::{Shown, Turn};

/// What a model can fail by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Two accesses to the same plain memory, one of them a write, and nothing orders them.
    DataRace,
    /// Threads wait for each other in a circle, or for something that nobody will do.
    Deadlock,
    /// A thread sleeps, and nobody is left who would wake it: what it waits for has
    /// happened without its being told, or never will.
    LostWakeUp,
    /// A thread goes round in a loop that nothing will end.
    Livelock,
    /// A thread panicked.
    Assertion,
    /// An access to something that was dropped.
    UseAfterFree,
    /// Something was never dropped.
    Leak,
    /// The model has more states than its budget, [`Model::states`](crate::Model::states):
    /// no failure was found, and not everything was tried.
    TooLarge,
    /// The same choices led to different runs.
    NotDeterministic,
    /// A schedule that can't be followed.
    BadSchedule,
    /// The model went past a fixed limit of the explorer, which the sentence names: 8
    /// threads, 64 atomics, 250 values of one atomic that may still be read.
    Limit,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::DataRace => "DATA RACE",
            Self::Deadlock => "DEADLOCK",
            Self::LostWakeUp => "LOST WAKE-UP",
            Self::Livelock => "LIVELOCK",
            Self::Assertion => "ASSERTION",
            Self::UseAfterFree => "USE AFTER FREE",
            Self::Leak => "LEAK",
            Self::TooLarge => "TOO LARGE",
            Self::NotDeterministic => "NOT DETERMINISTIC",
            Self::BadSchedule => "BAD SCHEDULE",
            Self::Limit => "LIMIT",
        })
    }
}

/// A failure as a run finds it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) sentence: String,
    /// `file:line`.
    pub(crate) at: Option<String>,
}

impl Found {
    pub(crate) fn new(kind: Kind, sentence: String, site: Option<Site>) -> Self {
        Self {
            kind,
            sentence,
            at: site.map(|site| format!("{}:{}", site.file(), site.line())),
        }
    }

    pub(crate) fn not_deterministic() -> Self {
        let sentence = "the same choices led to another run: a thread decides by something \
                        that the explorer does not control, such as the clock, a random \
                        number, an address, or a std atomic that outlives the run";
        Self::new(Kind::NotDeterministic, sentence.to_owned(), None)
    }
}

/// One thing that happened in a run.
#[derive(Clone, Debug)]
pub struct Event {
    /// The thread that did it.
    pub thread: usize,
    /// The step of the run, from 1. Accesses to cells belong to the step before them.
    pub step: usize,
    /// Where: `file`, `line`.
    pub file: &'static str,
    /// The line in it.
    pub line: u32,
    /// What: `flag.load(Relaxed) -> 0`.
    pub text: String,
    /// Whether a value was read that had been overwritten.
    pub old: bool,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) events: Vec<Event>,
    pub(crate) turns: Vec<Turn>,
    pub(crate) threads: Vec<String>,
}

/// How a model failed, with the run that shows it.
///
/// Its [`Display`](fmt::Display) is the whole report, and so is its [`Debug`](fmt::Debug):
/// that is what a failed `unwrap` prints.
#[derive(Clone)]
#[non_exhaustive]
pub struct Failure {
    /// The model's name.
    pub model: String,
    /// The kind.
    pub kind: Kind,
    /// What happened, in one sentence.
    pub sentence: String,
    /// The line on which it showed: `file:line`.
    pub at: Option<String>,
    /// The run, as a string for [`Model::replay`](crate::Model::replay).
    pub schedule: String,
    /// The run, step by step.
    pub events: Vec<Event>,
    /// The name of each thread.
    pub threads: Vec<String>,
    /// What the model has to say of this kind of failure.
    pub hint: Option<String>,
    /// Where the book explains it.
    pub section: Option<String>,
    /// How many runs it took to find it.
    pub executions: u64,
    /// How many different states were seen.
    pub states: usize,
    /// How long it took.
    pub time: Duration,
}

impl Failure {
    pub(crate) fn new(found: Found, stats: &Stats, record: Record) -> Box<Self> {
        Box::new(Self {
            model: String::new(),
            kind: found.kind,
            sentence: found.sentence,
            at: found.at,
            schedule: Shown(&record.turns).to_string(),
            events: record.events,
            threads: record.threads,
            hint: None,
            section: None,
            executions: stats.executions,
            states: stats.states,
            time: stats.time,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report(100, false))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Failure {}
