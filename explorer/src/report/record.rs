//! Writes down what a run does, if somebody wants to know.

use crate::execution::{Execution, Site};
use crate::failure::{Event, Found, Record};
use crate::graph::Builder;
use crate::objects::Used;

/// What a run is watched for.
pub(crate) enum Watch<'a> {
    Nothing,
    /// Write down each step.
    Record,
    /// Write down each state.
    Graph(&'a mut Builder),
}

/// What makes a run hard to follow.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trouble {
    /// A value was read, or written behind another, that had been overwritten.
    pub(crate) old: bool,
    /// Something happened for no reason.
    pub(crate) for_no_reason: bool,
    /// How often a thread was interrupted that could have gone on.
    pub(crate) preemptions: usize,
}

/// What came of a run.
pub(crate) struct Ended {
    pub(crate) found: Option<Found>,
    pub(crate) steps: u64,
    /// Equal for two runs that did the same.
    pub(crate) run_hash: u64,
    pub(crate) trouble: Trouble,
    pub(crate) record: Record,
    pub(crate) orderings: Vec<Used>,
}

impl Execution {
    /// Writes down what was chosen in this step.
    pub(crate) fn chose(&mut self, taken: usize) {
        if let Some(record) = &mut self.record
            && let Some(turn) = record.turns.last_mut()
        {
            turn.choices.push(taken);
        }
    }

    /// Whether anybody wants to know what happens.
    pub(crate) fn is_watched(&self) -> bool {
        self.record.is_some() || self.graph.is_some()
    }

    /// Writes down what the thread that runs does at `site`.
    pub(crate) fn tell(
        &mut self,
        site: Site,
        text: impl FnOnce(&mut Self) -> String,
    ) {
        self.tell_old(site, false, text);
    }

    /// As [`tell`](Self::tell); `old` says that it read a value that was overwritten.
    pub(crate) fn tell_old(
        &mut self,
        site: Site,
        old: bool,
        text: impl FnOnce(&mut Self) -> String,
    ) {
        if self.record.is_none() && self.graph.is_none() || self.is_going_round() {
            return;
        }
        let text = text(self);
        let thread = self.at;
        if let Some(graph) = &mut self.graph {
            let number = |pointer| self.objects.number_of(pointer);
            graph.happened(&text, old, site, number);
        }
        if let Some(record) = &mut self.record {
            record.events.push(Event {
                thread,
                step: record.turns.len(),
                file: site.file(),
                line: site.line(),
                text,
                old,
            });
        }
    }

    /// The name that a thread was given.
    pub(crate) fn given_name(&self, thread: usize) -> Option<String> {
        self.threads[thread].name.clone()
    }

    /// How reports call a thread.
    pub(crate) fn thread_name(&self, thread: usize) -> String {
        match (&self.threads[thread].name, thread) {
            (Some(name), _) => name.clone(),
            (None, 0) => "main".to_owned(),
            (None, _) => format!("thread {thread}"),
        }
    }

    /// How reports call several threads.
    pub(crate) fn thread_names(&self, threads: &[usize]) -> String {
        let names = threads.iter().map(|&thread| self.thread_name(thread));
        names.collect::<Vec<_>>().join(" and ")
    }
}
