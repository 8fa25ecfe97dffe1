//! One run of a model: its threads, whose turn it is, and what the others wait for.
//!
//! Every modelled operation begins with [`point`] - or with [`turn`] if it may turn out to
//! change nothing, with [`glance`] if it only looks; only a thread that waits in a loop tells
//! them apart. The thread says where it is, and the scheduler decides who goes on. If that
//! is another thread, this one is suspended in the middle of the call until its turn comes.
//!
//! ```text
//!            spawn                  its turn                    returns
//!   (nobody) ─────▶ Ready ◀───────────────────▶ running ──────────────────▶ Done
//!                     ▲     suspended at a point   │ │
//!                     │                            │ └─ goes round in a loop ─▶ Spinning
//!                     │   lock free, woken, timed  ▼                               │
//!                     └──────────────────────── Blocked    news: a value changed ──┘
//! ```
//!
//! This file decides; `run` switches stacks. What threads share is in `objects`, what they
//! wait for in `waits`; the crate's page says where else [`Execution`] has methods.

mod run;

use std::panic::Location;
use std::time::Duration;

pub(crate) use run::{
    abandon, abandon_if_failed, is_active, point, run, spawn, suspend, turn, with,
};

pub(crate) use crate::objects::{Tag, Used, What};
pub(crate) use crate::panics::{is_panicking, set_panicked};
pub(crate) use crate::report::{Ended, Trouble, Watch};
pub(crate) use crate::waits::{
    FOREVER, Lock, Mode, Queue, Spurious, Woken, futex_wait, futex_wake, glance,
    join, last_site, name_it, now, owner_learns, owner_leaves, park, register,
    retire, sleep, spin, spin_in_silence, unpark,
};

use crate::digest::Digest;
use crate::failure::{Found, Kind, Record};
use crate::graph::Builder;
use crate::memory::{Memory, Parcel, THREADS_MAX};
use crate::model::Limits;
use crate::objects::Objects;
use crate::panics;
use crate::schedule::Turn;
use crate::search::Guide;
use crate::waits::{Spin, YIELDS};

/// A line of the reader's own program.
pub(crate) type Site = &'static Location<'static>;

/// How often a thread that could be woken times out instead, in one run.
const TIMEOUTS: u8 = 2;

/// What a thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum On {
    /// A location, and the value that it had.
    Futex(usize, u32),
    Queue(usize),
    Lock(usize, Mode),
    Join(usize),
    /// What `unpark` leaves.
    Token,
    Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    Ready,
    Blocked(On),
    Spinning,
    Done,
}

/// One thread of the model.
#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) name: Option<String>,
    pub(crate) state: State,
    /// A hash of everything that the explorer ever returned to it. A thread is a function
    /// of that: two runs in which it is equal have the thread in the same place, with the
    /// same local variables.
    pub(crate) history: u64,
    /// The operation that it is at.
    pub(crate) site: Option<Site>,
    /// It was chosen, and has not yet taken its step.
    pub(crate) has_turn: bool,
    /// When its wait ends by itself.
    pub(crate) deadline: Option<Duration>,
    pub(crate) woken: Woken,
    pub(crate) timeouts: u8,
    /// It has had its spurious wake-up, and its spurious failure.
    pub(crate) spurious: [bool; 2],
    /// It gave the others a chance to go first.
    pub(crate) yielded: bool,
    /// How often in a row, with no step of another in between.
    pub(crate) in_a_row: u8,
    pub(crate) spin: Spin,
    /// A panic that nobody has asked for yet.
    pub(crate) panic: Option<Found>,
    /// One that somebody has asked for.
    pub(crate) joined_panic: Option<Found>,
    pub(crate) panicking: bool,
    /// What the next `park` returns with, at once.
    pub(crate) token: bool,
    /// What `unpark` hands over.
    pub(crate) parcel: Parcel,
}

/// A run in progress.
pub(crate) struct Execution {
    /// Tells objects of this run from those of others.
    pub(crate) number: u64,
    pub(crate) limits: Limits,
    pub(crate) memory: Memory,
    pub(crate) threads: Vec<Thread>,
    /// The thread that runs.
    pub(crate) at: usize,
    /// The thread that is to run next, if that is another.
    pub(crate) next: Option<usize>,
    pub(crate) objects: Objects,
    pub(crate) guide: Guide,
    pub(crate) now: Duration,
    pub(crate) steps: u64,
    pub(crate) trouble: Trouble,
    /// A hash of all steps so far. (That of the state they led to is `digest`.)
    pub(crate) run_hash: u64,
    pub(crate) failure: Option<Found>,
    pub(crate) candidates: Vec<usize>,
    pub(crate) record: Option<Record>,
    pub(crate) graph: Option<Builder>,
    pub(crate) orderings: Vec<Used>,
    /// Whether names are looked up. While the search is on, nobody reads them: the run that
    /// fails is repeated for the report.
    pub(crate) is_read: bool,
}

impl Execution {
    /// The thread that runs.
    pub(crate) fn me(&self) -> usize {
        self.at
    }

    pub(crate) fn this(&mut self) -> &mut Thread {
        &mut self.threads[self.at]
    }

    /// The thread that runs is told `value`: what it does from now on may depend on it.
    pub(crate) fn note(&mut self, value: u64) {
        let this = self.this();
        this.history = Digest::mix(this.history, value);
        this.spin.hear(value);
    }

    /// Takes one of `count` alternatives; 0 is the default.
    pub(crate) fn choose(&mut self, count: usize) -> usize {
        let taken = self.guide.choose(count);
        if count > 1 {
            self.chose(taken);
            self.check_schedule(false);
        }
        taken
    }

    /// Ends the run.
    pub(crate) fn fail(&mut self, kind: Kind, sentence: String, site: Option<Site>) {
        if self.failure.is_none() {
            self.failure = Some(Found::new(kind, sentence, site));
        }
    }

    /// Begins an operation at `site`; `false` if another thread goes first.
    fn arrive(&mut self, site: Site) -> bool {
        self.this().site = Some(site);
        if !std::mem::take(&mut self.this().has_turn) {
            self.decide();
            if self.next != Some(self.at) {
                return false;
            }
            self.next = None;
        }
        true
    }

    /// Counts a step of the thread that runs, in which it may learn something.
    pub(crate) fn begin_step(&mut self) {
        self.count_step();
        self.note(0x57E9);
    }

    /// Counts a step of the thread that runs.
    pub(crate) fn count_step(&mut self) {
        // Rounds of a loop are counted by themselves.
        self.steps += u64::from(!self.is_alone());
        let (at, site) = (self.at, self.this().site);
        let line = site.map_or(0, |site| u64::from(site.line()));
        self.run_hash = Digest::mix(self.run_hash ^ line, self.threads[at].history);
        for (thread, other) in self.threads.iter_mut().enumerate() {
            if thread != at {
                (other.yielded, other.in_a_row) = (false, 0);
            }
        }
        if self.steps as usize > self.limits.steps {
            self.goes_on_and_on();
        }
    }

    /// Decides which thread takes the next step, or that the run is over: then `next` is
    /// nobody.
    pub(crate) fn decide(&mut self) {
        self.next = None;
        if self.failure.is_some() {
            return;
        }
        self.draw();
        self.find_candidates();
        if self.candidates.is_empty() && !self.last_resort() {
            self.end();
            return;
        }
        let most = self.limits.preemptions;
        let bounded = most.is_some_and(|most| self.trouble.preemptions >= most);
        let can_go_on = self.candidates[0] == self.at
            && self.threads[self.at].state == State::Ready
            && !self.threads[self.at].yielded;
        if bounded && can_go_on {
            self.candidates.truncate(1);
        }
        if self.candidates.len() > 1 && self.guide.is_new_ground() {
            let state = self.digest();
            self.guide.arrive(state, self.limits.prune);
        }
        self.check_schedule(true);
        if self.failure.is_some() {
            return;
        }
        let candidates = std::mem::take(&mut self.candidates);
        match self.guide.choose_thread(&candidates) {
            Ok(thread) => {
                self.trouble.preemptions +=
                    usize::from(can_go_on && thread != self.at);
                self.give_turn(thread);
            }
            Err(thread) => self.refuse(thread),
        }
        self.candidates = candidates;
    }

    /// Collects the threads that can take a step: the one that ran last first, and then in
    /// order. One that yielded comes last, but it may go on, a few times in a row: what it
    /// does next is not bound to come after a step of another.
    fn find_candidates(&mut self) {
        self.candidates.clear();
        let may_time_out = !self.guide.is_pruned();
        for thread in 0..self.threads.len() {
            let it = &self.threads[thread];
            let can = match it.state {
                State::Ready => !it.yielded || it.in_a_row <= YIELDS,
                State::Blocked(on) => {
                    self.is_free(on)
                        || it.deadline.is_some()
                            && (on == On::Time
                                || may_time_out && it.timeouts < TIMEOUTS)
                }
                State::Spinning | State::Done => false,
            };
            if can {
                self.candidates.push(thread);
            }
        }
        if self.candidates.is_empty() {
            // Those that let others go first, and there are no others.
            let ready = |thread: &usize| self.threads[*thread].state == State::Ready;
            self.candidates
                .extend((0..self.threads.len()).filter(ready));
        }
        // A thread that goes on comes first; one that would time out comes last.
        let at = self.at;
        let threads = &self.threads;
        self.candidates.sort_by_key(|&thread| {
            let it = &threads[thread];
            let waits =
                matches!(it.state, State::Blocked(_)) && it.deadline.is_some();
            (it.yielded, waits, thread != at, thread)
        });
    }

    /// Nobody can go on. Then time passes until the first deadline; or else those that spin
    /// are let go round their loops, in case these have an end.
    fn last_resort(&mut self) -> bool {
        let waiting = |it: &&Thread| matches!(it.state, State::Blocked(_));
        let timed = self.threads.iter().filter(waiting);
        if let Some(first) = timed.filter_map(|it| it.deadline).min() {
            let due = |it: &Thread| waiting(&it) && it.deadline == Some(first);
            let threads = 0..self.threads.len();
            let threads = threads.filter(|&thread| due(&self.threads[thread]));
            self.candidates.extend(threads);
            return true;
        }
        let spinning =
            |it: &Thread| it.state == State::Spinning && it.spin.may_end();
        if let Some(thread) = self.threads.iter().position(spinning) {
            self.threads[thread].state = State::Ready;
            self.threads[thread].spin.insist();
            self.candidates.push(thread);
            return true;
        }
        false
    }

    /// The next step is `thread`'s.
    fn give_turn(&mut self, thread: usize) {
        if let State::Blocked(on) = self.threads[thread].state {
            if !self.is_free(on) {
                // It was not woken, so it is its deadline that ends the wait.
                self.time_out(thread);
            }
            self.threads[thread].state = State::Ready;
        }
        self.next = Some(thread);
        if let Some(record) = &mut self.record {
            record.turns.push(Turn {
                thread,
                choices: Vec::new(),
            });
        }
        if let Some(graph) = &mut self.graph {
            graph.turn(thread);
        }
    }

    /// Nobody is left who can take a step.
    fn end(&mut self) {
        if self.guide.is_pruned() {
            return;
        }
        if self.threads.iter().any(|it| it.state != State::Done) {
            self.failure = Some(self.stuck());
        } else if let Some(found) = panics::first(&mut self.threads) {
            self.failure = Some(found);
        } else if self.limits.leaks
            && let Some(found) = self.leaked()
        {
            self.failure = Some(found);
        }
    }

    /// The thread that runs has returned, or has panicked.
    fn finish(&mut self, panic: Option<Found>) {
        let at = self.at;
        self.memory.end(at);
        self.changed_else();
        let thread = self.this();
        thread.state = State::Done;
        thread.has_turn = false;
        thread.panicking = false;
        thread.panic = thread.panic.take().or(panic);
        if at == 0 && thread.panic.is_some() {
            // The others could go on, but the model has failed.
            let found = panics::of_root(&mut self.threads);
            self.failure = self.failure.take().or(found);
        }
        self.decide();
    }

    /// Adds a thread, which can run from now on.
    fn add_thread(
        &mut self,
        name: Option<String>,
        parent: Option<usize>,
    ) -> Option<usize> {
        if self.threads.len() == THREADS_MAX {
            let sentence =
                format!("a model may have {THREADS_MAX} threads, and this has more");
            self.fail(Kind::Limit, sentence, None);
            return None;
        }
        let parcel = self.memory.add_parcel();
        let thread = self.memory.spawn(parent);
        self.threads.push(Thread {
            name,
            state: State::Ready,
            history: 0,
            site: None,
            // The root is running already; the others were chosen when they start.
            has_turn: parent.is_some(),
            deadline: None,
            woken: Woken::Notified,
            timeouts: 0,
            spurious: [false; 2],
            yielded: false,
            in_a_row: 0,
            spin: Spin::default(),
            panic: None,
            joined_panic: None,
            panicking: false,
            token: false,
            parcel,
        });
        Some(thread)
    }

    /// A hash of all that the future can depend on.
    pub(crate) fn digest(&self) -> u64 {
        use std::hash::{Hash, Hasher};
        let mut digest = Digest::default();
        for it in &self.threads {
            it.state.hash(&mut digest);
            // The place as well: rounds of a loop leave no trace in the history.
            let site = it.site.map_or(0, |site| std::ptr::from_ref(site) as usize);
            digest.word(it.history ^ site as u64);
            let flags = [it.yielded, it.token, it.spurious[0], it.spurious[1]];
            let bits = |bits, flag: &bool| bits << 1 | u64::from(*flag);
            let flags = flags.iter().fold(0, bits);
            digest.word(
                flags << 16 | u64::from(it.in_a_row) << 8 | u64::from(it.timeouts),
            );
            it.deadline.hash(&mut digest);
            it.spin.hash(&mut digest);
        }
        self.memory.digest(&mut digest, |location, value| {
            self.objects.shown(location, value)
        });
        self.objects.digest(&mut digest, self.threads.len());
        self.now.hash(&mut digest);
        if self.limits.preemptions.is_some() {
            digest.word((self.trouble.preemptions * THREADS_MAX + self.at) as u64);
        }
        digest.finish()
    }
}
