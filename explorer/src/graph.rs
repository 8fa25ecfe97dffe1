//! The graph of all states of a model, for the steppers in the book.
//!
//! While the search runs, every decision of the scheduler is a state, and what the chosen
//! thread does until the next decision is a step:
//!
//! ```text
//!   state 4 ── thread 1: x.load(Relaxed) -> 1 ──▶ state 7
//!          ╲── thread 1: x.load(Relaxed) -> 0 ──▶ state 8      an old value
//!           ╲─ thread 2: y.store(1, Relaxed) ──▶ state 9
//! ```
//!
//! A failure ends its run as the return of thread 0 does; the search goes on with the next.
//! `smaller` takes out what nobody needs to see, `figure` writes the rest down for the
//! book.

mod drawing;
mod figure;
mod smaller;

pub(crate) use drawing::draw;

use std::collections::{BTreeSet, HashMap};

pub use figure::Caption;

use crate::execution::Site;

/// What a thread does that has nothing to tell.
const GOES_ON: &str = "goes on";

/// All states of a model, and the steps between them. State 0 is the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// The names of the threads.
    pub threads: Vec<String>,
    /// The names of what the threads share: atomics, cells, locks.
    pub places: Vec<String>,
    /// The states.
    pub states: Vec<State>,
}

/// One state: where each thread is, what each place holds, and what can happen next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Each thread that has been spawned.
    pub threads: Vec<Situation>,
    /// For each place the values that somebody may still read, oldest first.
    pub memory: Vec<Vec<String>>,
    /// The possible steps.
    pub next: Vec<Step>,
    /// How it ended, if there are none.
    pub end: Option<End>,
}

/// Where a thread is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Situation {
    /// The file of its next step.
    pub file: &'static str,
    /// The line in it; 0 if it has none, as the end of a guard's scope.
    pub line: u32,
    /// What it is doing.
    pub run: Run,
    /// More of that, in words: `sleeps in wait(bell == 0)`. May be empty.
    pub why: String,
    /// For each place the oldest value that it may read; `None` where that has no meaning.
    pub sees: Vec<Option<usize>>,
}

/// What a thread is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Run {
    /// It can take a step.
    Ready,
    /// It goes round in a loop, until something changes.
    Spins,
    /// It sleeps until it is woken.
    Sleeps,
    /// It waits for a lock, or for the end of a thread.
    Waits,
    /// It has returned.
    Done,
}

/// What one thread does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which thread.
    pub thread: usize,
    /// What it does: `x.load(Relaxed) -> 0`.
    pub text: String,
    /// Whether it reads a value that was overwritten.
    pub old: bool,
    /// The state that it leads to.
    pub to: usize,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// What the closure returned, or what went wrong.
    pub text: String,
    /// Whether it is a failure.
    pub failed: bool,
}

/// A value of a place, until it is known how its kind is written.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Word(u64),
    /// By a number that is the same in every run.
    Pointer(u64),
    Text(String),
}

/// What a run looks like.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// Without its memory.
    pub(crate) state: State,
    /// For each place its values, oldest first.
    pub(crate) memory: Vec<Vec<Value>>,
    /// For each thread and place what a `SeqCst` load may read at the oldest.
    pub(crate) strict: Vec<Vec<Option<usize>>>,
}

/// What has happened since the last decision.
#[derive(Debug)]
struct Turn {
    from: usize,
    thread: usize,
    texts: Vec<String>,
    old: bool,
}

/// Draws a graph while a search goes on.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    graph: Graph,
    /// What belongs to each state and is put in at the end.
    looks: Vec<Look>,
    /// How the values of each place are written.
    shows: Vec<fn(u64) -> String>,
    /// The pointers, in the order in which they were seen.
    pointers: Vec<u64>,
    /// The threads that sleep, or have slept and not gone on yet.
    asleep: BTreeSet<usize>,
    /// The number of each state, by its hash.
    known: HashMap<u64, usize>,
    /// The state that the run is in.
    at: usize,
    /// `None` before the first decision of a run.
    turn: Option<Turn>,
}

impl Builder {
    /// It is `thread`'s turn.
    pub(crate) fn turn(&mut self, thread: usize) {
        self.turn = Some(Turn {
            from: self.at,
            thread,
            texts: Vec::new(),
            old: false,
        });
    }

    /// Whether somebody has had a turn since the last state.
    pub(crate) fn is_in_a_step(&self) -> bool {
        self.turn.is_some()
    }

    /// The thread whose turn it is does something.
    pub(crate) fn happened(
        &mut self,
        text: &str,
        old: bool,
        site: Site,
        number: impl Fn(u64) -> Option<u64>,
    ) {
        let text = self.without_addresses(text, number);
        let Some(turn) = &mut self.turn else { return };
        turn.texts.push(text);
        turn.old |= old;
        // Before its first step a thread is nowhere; now it is known where that will be.
        let from = &mut self.graph.states[turn.from].threads[turn.thread];
        if from.line == 0 {
            (from.file, from.line) = (site.file(), site.line());
        }
    }

    /// The run has come to a state, and `look` says what it looks like.
    pub(crate) fn arrive(
        &mut self,
        hash: u64,
        look: impl FnOnce(&mut Self) -> Look,
    ) {
        let to = match self.known.get(&hash) {
            Some(&known) => known,
            None => {
                let mut look = look(self);
                self.graph.states.push(std::mem::take(&mut look.state));
                self.looks.push(look);
                let new = self.graph.states.len() - 1;
                self.known.insert(hash, new);
                new
            }
        };
        self.at = to;
        let turn = self.turn.take();
        if let Some(turn) = turn {
            self.add_step(turn, to);
        }
        let threads = self.graph.states[to].threads.iter().enumerate();
        let asleep = threads.filter(|(_, it)| it.run == Run::Sleeps);
        self.asleep.extend(asleep.map(|(thread, _)| thread));
    }

    fn add_step(&mut self, turn: Turn, to: usize) {
        let slept = self.asleep.remove(&turn.thread);
        let text = match (turn.texts.is_empty(), slept) {
            (true, true) => "wakes up".to_owned(),
            (true, false) => GOES_ON.to_owned(),
            (false, _) => turn.texts.join(", "),
        };
        let step = Step {
            thread: turn.thread,
            text,
            old: turn.old,
            to,
        };
        let next = &mut self.graph.states[turn.from].next;
        if !next.contains(&step) {
            next.push(step);
        }
    }

    /// The run has ended, in the state that it is in, unless it was `pruned`.
    pub(crate) fn end_run(&mut self, threads: &[String], end: End, pruned: bool) {
        self.turn = None;
        self.asleep.clear();
        let known = self.graph.threads.len();
        self.graph
            .threads
            .extend(threads.iter().skip(known).cloned());
        if !pruned {
            self.graph.states[self.at].end = Some(end);
        }
    }

    /// The number of a place, which it gets when it is first seen.
    pub(crate) fn place(&mut self, name: String) -> usize {
        let places = &mut self.graph.places;
        places
            .iter()
            .position(|place| *place == name)
            .unwrap_or_else(|| {
                places.push(name);
                places.len() - 1
            })
    }

    /// How the values of a place are written, as far as it is known by now.
    pub(crate) fn shows(&mut self, place: usize, show: fn(u64) -> String) {
        self.shows.resize(place.max(self.shows.len()), show);
        if place == self.shows.len() {
            self.shows.push(show);
        }
        self.shows[place] = show;
    }

    /// What a pointer is called: `&1`, `&2` ... in the order in which they are seen.
    fn pointer(&mut self, number: u64) -> String {
        let seen = self.pointers.iter().position(|known| *known == number);
        let index = seen.unwrap_or_else(|| {
            self.pointers.push(number);
            self.pointers.len() - 1
        });
        format!("&{}", index + 1)
    }

    /// A text with the names of pointers for their addresses, which differ from run to run.
    fn without_addresses(
        &mut self,
        text: &str,
        number: impl Fn(u64) -> Option<u64>,
    ) -> String {
        let mut parts = text.split("0x");
        let mut plain = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_hexdigit());
            let (digits, rest) = part.split_at(end.unwrap_or(part.len()));
            let address = u64::from_str_radix(digits, 16).ok();
            match address.and_then(&number) {
                Some(number) => plain.push_str(&self.pointer(number)),
                None => plain.extend(["0x", digits]),
            }
            plain.push_str(rest);
        }
        plain
    }

    fn written(&mut self, place: usize, value: &Value) -> String {
        match value {
            Value::Word(word) => self.shows[place](*word),
            Value::Pointer(number) => self.pointer(*number),
            Value::Text(text) => text.clone(),
        }
    }

    /// The whole graph.
    pub(crate) fn finish(mut self) -> Graph {
        let mut graph = std::mem::take(&mut self.graph);
        let threads = graph.threads.len();
        let places = graph.places.len();
        let only_seq_cst = graph.places_only_seq_cst();
        let looks = std::mem::take(&mut self.looks);
        for (state, look) in graph.states.iter_mut().zip(looks) {
            for (place, values) in look.memory.iter().enumerate() {
                let values = values.iter().map(|value| self.written(place, value));
                state.memory.push(values.collect());
            }
            // What had not been made yet.
            state.memory.resize(places, Vec::new());
            let missing = state.memory.iter_mut().filter(|values| values.is_empty());
            missing.for_each(|values| values.push("–".to_owned()));
            for (it, strict) in state.threads.iter_mut().zip(look.strict) {
                it.sees.resize(places, None);
                for (place, oldest) in strict.into_iter().enumerate() {
                    if only_seq_cst[place] {
                        it.sees[place] = oldest;
                    }
                }
            }
            // Who had not been spawned yet.
            state
                .threads
                .resize_with(threads, || Situation::unborn(places));
            // The end of a guard's scope is no line that could be pointed at.
            for (thread, it) in state.threads.iter_mut().enumerate() {
                let mut own = state.next.iter().filter(|step| step.thread == thread);
                if own
                    .next()
                    .is_some_and(|step| step.text.starts_with("unlocks "))
                {
                    it.line = 0;
                }
            }
        }
        graph
    }
}

impl Graph {
    /// For each place whether all that is done with it is `SeqCst`: then what a relaxed load
    /// might see does not matter.
    fn places_only_seq_cst(&self) -> Vec<bool> {
        let steps = || self.states.iter().flat_map(|state| &state.next);
        let strict = |place: &String| {
            let mut own = steps()
                .flat_map(|step| step.text.split(", "))
                .filter(|text| text.starts_with(&format!("{place}.")));
            !own.any(|text| {
                ["Relaxed", "Acquire", "Release", "AcqRel"]
                    .iter()
                    .any(|weaker| text.contains(weaker))
            })
        };
        self.places.iter().map(strict).collect()
    }
}

impl Situation {
    /// That of a thread that has not been spawned.
    fn unborn(places: usize) -> Self {
        Self {
            file: "",
            line: 0,
            run: Run::Waits,
            why: "is not spawned yet".to_owned(),
            sees: vec![None; places],
        }
    }
}
