//! The graph of all states of a small model, for the steppers in the book: what each thread
//! is about to do, what it may still read, and where each of its steps leads.

use std::collections::HashMap;

use crate::failure::{Found, Kind};

/// All states of a model. The first is the start.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Graph {
    /// The threads' names.
    pub threads: Vec<String>,
    /// The names of the atomics, in the order in which they were made.
    pub locations: Vec<String>,
    /// The names of the locks.
    pub locks: Vec<String>,
    /// The states.
    pub states: Vec<State>,
}

/// One state.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct State {
    /// The threads that there are by now.
    pub threads: Vec<Thread>,
    /// For each atomic the values that somebody may still read, oldest first.
    pub messages: Vec<Vec<String>>,
    /// For each lock who holds it; empty if nobody does.
    pub holders: Vec<String>,
    /// What can happen next.
    pub steps: Vec<Step>,
    /// How the run has ended, if it has.
    pub end: Option<End>,
}

/// What a thread is about to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Thread {
    /// Where, if it has come to an operation: file and line.
    pub at: Option<(String, u32)>,
    /// Whether it can.
    pub doing: Doing,
    /// In words, if it can't.
    pub why: String,
    /// For each atomic the oldest message that it may still read: an index into
    /// [`State::messages`].
    pub sees: Vec<usize>,
}

/// Whether a thread can take a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It can.
    Ready,
    /// It waits for a lock, for a thread's end, or for time to pass.
    Waits,
    /// It sleeps until somebody wakes it.
    Sleeps,
    /// It goes round a loop until something changes.
    Spins,
    /// It has ended.
    Done,
}

/// Something that can happen next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The thread that does it.
    pub thread: usize,
    /// What: `flag.load(Relaxed) -> 0`.
    pub text: String,
    /// Whether it reads an old value.
    pub old: bool,
    /// The state that it leads to.
    pub target: usize,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// With what the root returned.
    Outcome(String),
    /// With a failure.
    Failure(Kind, String),
}

/// Draws a graph while a search goes on.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    graph: Graph,
    numbers: HashMap<u64, usize>,
    /// The last state of this run, and what has happened since.
    last: Option<usize>,
    thread: usize,
    texts: Vec<String>,
    old: bool,
}

impl Builder {
    /// Somebody did something.
    pub(crate) fn happened(&mut self, text: &str, old: bool) {
        self.texts.push(text.to_owned());
        self.old |= old;
    }

    /// It is `thread`'s turn.
    pub(crate) fn turn(&mut self, thread: usize) {
        self.thread = thread;
        self.texts.clear();
        self.old = false;
    }

    /// The run is in the state that hashes to `digest`.
    pub(crate) fn arrive(
        &mut self,
        digest: u64,
        draw: impl FnOnce(&mut Graph) -> State,
    ) {
        let number = match self.numbers.get(&digest) {
            Some(&number) => number,
            None => {
                let state = draw(&mut self.graph);
                self.graph.states.push(state);
                self.numbers.insert(digest, self.graph.states.len() - 1);
                self.graph.states.len() - 1
            }
        };
        self.step_to(number);
    }

    /// The run has ended; `pruned` if it did so in a state that was seen before.
    pub(crate) fn finish(
        &mut self,
        pruned: bool,
        found: Option<Found>,
        outcome: &str,
    ) {
        if !pruned && let Some(last) = self.last {
            match found {
                Some(found) => {
                    let stuck =
                        matches!(found.kind, Kind::Deadlock | Kind::LostWakeUp);
                    let end = End::Failure(found.kind, found.sentence);
                    if stuck || self.texts.is_empty() {
                        self.graph.states[last].end = Some(end);
                    } else {
                        // It failed in the middle of a step: that leads to a state of its own.
                        self.end_step(last, end);
                    }
                }
                None => {
                    let end = End::Outcome(outcome.to_owned());
                    self.graph.states[last].end = Some(end);
                }
            }
        }
        self.last = None;
        self.texts.clear();
        self.old = false;
    }

    pub(crate) fn into_graph(self) -> Graph {
        self.graph
    }

    fn end_step(&mut self, last: usize, end: End) {
        let known = self.graph.states[last].steps.iter().find(|step| {
            step.thread == self.thread && step.text == self.texts.join("; ")
        });
        if known.is_none() {
            let mut state = self.graph.states[last].clone();
            state.steps.clear();
            state.end = Some(end);
            self.graph.states.push(state);
            self.step_to(self.graph.states.len() - 1);
        }
    }

    fn step_to(&mut self, target: usize) {
        if let Some(last) = self.last.replace(target)
            && last != target
        {
            let step = Step {
                thread: self.thread,
                text: self.texts.join("; "),
                old: self.old,
                target,
            };
            let steps = &mut self.graph.states[last].steps;
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        self.texts.clear();
        self.old = false;
    }
}
