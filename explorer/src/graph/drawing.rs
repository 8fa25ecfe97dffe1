//! What a state of a run looks like, for the graphs of the book.

use std::cell::RefCell;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use crate::digest::Digest;
use crate::execution::{Execution, On, State, Watch, run};
use crate::graph::{self, Builder, End, Graph, Look, Run, Situation, Value};
use crate::model::Limits;
use crate::search::{Guide, Root};

impl Execution {
    /// Adds the state before anything has happened, and the turn of the first thread.
    pub(crate) fn draw_start(&mut self) {
        self.draw();
        if let Some(builder) = &mut self.graph {
            builder.turn(0);
        }
    }

    /// Adds the state that the run is in to its graph, if it has one.
    pub(crate) fn draw(&mut self) {
        if self.graph.is_some() {
            self.draw_as(self.digest());
        }
    }

    /// Adds the state in which the run has ended, if that was in the middle of a step.
    pub(crate) fn draw_end(&mut self) {
        let stopped = self.graph.as_ref().is_some_and(Builder::is_in_a_step);
        if stopped && let Some(found) = &self.failure {
            let sentence = found.sentence.bytes().map(u64::from);
            self.draw_as(sentence.fold(self.digest(), Digest::mix));
        }
    }

    fn draw_as(&mut self, hash: u64) {
        // What comes after a state that was seen before is drawn by the run that saw it.
        if !self.guide.is_pruned()
            && let Some(mut builder) = self.graph.take()
        {
            builder.arrive(hash, |builder| self.look(builder));
            self.graph = Some(builder);
        }
    }

    /// What the run looks like.
    fn look(&self, builder: &mut Builder) -> Look {
        let mut memory = Vec::new();
        let mut sees = vec![Vec::new(); self.threads.len()];
        let mut strict = sees.clone();
        for location in 0..self.memory.locations() {
            let place = builder.place(self.location_name(location));
            builder.shows(place, self.show(location));
            let values = self.memory.values(location);
            let values =
                values.map(|value| match self.objects.shown(location, value) {
                    same if same == value => Value::Word(value),
                    number => Value::Pointer(number),
                });
            put(&mut memory, place, values.collect(), Vec::new());
            for thread in 0..self.threads.len() {
                let oldest =
                    |order| Some(self.memory.readable(thread, location, order));
                put(&mut sees[thread], place, oldest(Relaxed), None);
                put(&mut strict[thread], place, oldest(SeqCst), None);
            }
        }
        for lock in 0..self.objects.locks.len() {
            let place = builder.place(self.lock_name(lock));
            let state = match self.holders(lock).as_str() {
                "" => "free".to_owned(),
                holders => format!("held by {holders}"),
            };
            put(&mut memory, place, vec![Value::Text(state)], Vec::new());
        }
        // Whatever comes last may have no place yet.
        for list in sees.iter_mut().chain(&mut strict) {
            list.resize(memory.len(), None);
        }
        let threads = sees.into_iter().enumerate();
        let threads = threads.map(|(thread, sees)| self.situation(thread, sees));
        let state = graph::State {
            threads: threads.collect(),
            memory: Vec::new(),
            next: Vec::new(),
            end: None,
        };
        Look {
            state,
            memory,
            strict,
        }
    }

    /// Where a thread is.
    fn situation(&self, thread: usize, sees: Vec<Option<usize>>) -> Situation {
        let it = &self.threads[thread];
        let (run, why) = match it.state {
            State::Done => (Run::Done, String::new()),
            State::Ready if it.yielded => {
                (Run::Ready, "lets the others go first".to_owned())
            }
            State::Ready => (Run::Ready, String::new()),
            State::Spinning => {
                (Run::Spins, "spins until something changes".to_owned())
            }
            State::Blocked(on) => match on {
                On::Futex(location, expected) => {
                    let name = self.location_name(location);
                    (Run::Sleeps, format!("sleeps in wait({name} == {expected})"))
                }
                On::Queue(queue) => {
                    let name = self.queue_name(queue);
                    (Run::Sleeps, format!("sleeps until {name} is notified"))
                }
                On::Token => (Run::Sleeps, "sleeps in park".to_owned()),
                On::Time => (Run::Sleeps, "sleeps for a while".to_owned()),
                On::Lock(lock, _) => {
                    let name = self.lock_name(lock);
                    if self.is_free(on) {
                        (Run::Ready, format!("waits for {name}, which is free now"))
                    } else {
                        let holders = self.holders(lock);
                        (Run::Waits, format!("waits for {name}, held by {holders}"))
                    }
                }
                On::Join(other) => {
                    let name = self.thread_name(other);
                    (Run::Waits, format!("waits for the end of {name}"))
                }
            },
        };
        Situation {
            file: it.site.map_or("", |site| site.file()),
            line: it.site.map_or(0, |site| site.line()),
            run,
            why,
            sees,
        }
    }
}

/// Puts an item in its place of a list that may not be as long yet.
fn put<T: Clone>(list: &mut Vec<T>, place: usize, item: T, filler: T) {
    if list.len() <= place {
        list.resize(place + 1, filler);
    }
    list[place] = item;
}

/// Runs `root` in every way, failures and all, and draws its states. `returned` holds what
/// it returned last.
///
/// `None` if that takes more than `limits` allows.
pub(crate) fn draw(
    limits: &Limits,
    root: &Root,
    returned: &RefCell<String>,
) -> Option<Graph> {
    let mut guide = Guide::default();
    let mut builder = Builder::default();
    loop {
        let ended = run(limits, &mut guide, root, Watch::Graph(&mut builder));
        let failed = ended.found.is_some();
        let text = match ended.found {
            Some(found) => format!("{}: {}", found.kind, found.sentence),
            None => returned.take(),
        };
        builder.end_run(
            &ended.record.threads,
            End { text, failed },
            guide.is_pruned(),
        );
        if !guide.next_path() {
            return Some(builder.finish());
        }
        if guide.has_strayed() || guide.states() >= limits.states {
            return None;
        }
    }
}
