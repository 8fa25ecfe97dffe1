//! Who ran, stole, slept and woke, and when: what a pool made by
//! [`build_traced`](super::Builder::build_traced) records.
//!
//! A plain pool has none of this: the code that records stands behind a constant that is
//! `false` there. In a traced one each worker writes to a lane of its own, under a lock
//! that nobody else wants while the pool runs, and reads the clock for each event: some 50
//! ns. So what a trace shows of jobs shorter than a microsecond is mostly the trace.

use std::fmt;

use crossbeam_utils::CachePadded;

use super::counters::Counters;
use crate::ground::sync::{Mutex, MutexGuard, PoisonError};
use crate::ground::time::{Duration, Instant};

mod svg;

/// How many events of each worker are kept: the first. They take two megabytes.
const EVENTS_MAX: usize = 1 << 16;

/// What a worker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// Begins to run a job. It may be inside another, that waits.
    Runs,
    /// Has run the job that it began last.
    Ran,
    /// Has taken from the queue of this worker the job that it will run next.
    Stole(usize),
    /// Found nothing, and goes to sleep.
    Parks,
    /// Has woken up.
    Wakes,
}

/// Something that a worker did, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// How long after the pool was made.
    pub at: Duration,
    /// What it was.
    pub what: What,
}

/// What one worker did.
#[derive(Clone, Debug, Default)]
struct Lane {
    events: Vec<Event>,
    /// How many were not kept.
    left_out: usize,
}

/// Keeps what the workers of a pool do.
#[derive(Debug)]
pub(super) struct Recorder {
    started: Instant,
    lanes: Box<[CachePadded<Mutex<Lane>>]>,
}

impl Recorder {
    /// For a pool of at most `threads`.
    pub(super) fn new(threads: usize) -> Self {
        Self {
            started: Instant::now(),
            lanes: (0..threads).map(|_| CachePadded::default()).collect(),
        }
    }

    /// Worker `worker` says what it does.
    pub(super) fn note(&self, worker: usize, what: What) {
        let at = self.started.elapsed();
        let mut lane = self.lane(worker);
        if lane.events.len() < EVENTS_MAX {
            lane.events.push(Event { at, what });
        } else {
            lane.left_out += 1;
        }
    }

    fn lane(&self, worker: usize) -> MutexGuard<'_, Lane> {
        let lane = self.lanes[worker].lock();
        lane.unwrap_or_else(PoisonError::into_inner)
    }

    /// What was recorded so far.
    pub(super) fn trace(&self) -> Trace {
        Trace {
            title: "Who ran, stole and slept".to_owned(),
            lanes: (0..self.lanes.len())
                .map(|it| self.lane(it).clone())
                .collect(),
            until: self.started.elapsed(),
        }
    }
}

/// What the workers of a traced pool have done so far.
///
/// ```
/// use threadbare::pool::{Builder, What};
///
/// let pool = threadbare::pool::ThreadPool::builder().threads(1).build_traced();
/// pool.spawn(|| 6 * 7).unwrap().wait().unwrap();
/// let trace = pool.trace();
/// assert_eq!(trace.workers(), 1);
/// assert!(trace.events(0).iter().any(|event| event.what == What::Runs));
/// assert!(trace.titled("One job").to_svg().contains("<title"));
/// ```
#[derive(Clone)]
pub struct Trace {
    title: String,
    lanes: Vec<Lane>,
    until: Duration,
}

impl Trace {
    /// How many workers the pool may have. Some may not have been needed.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.lanes.len()
    }

    /// What a worker did, in order: the first 65,536 events.
    ///
    /// # Panics
    /// If there is no such worker.
    #[must_use]
    pub fn events(&self, worker: usize) -> &[Event] {
        &self.lanes[worker].events
    }

    /// The same trace, with another title for its figure.
    #[must_use]
    pub fn titled(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    /// A figure: time runs down, each worker has a lane, and what it did is told in words as
    /// well. It begins with the first job and ends with the last.
    ///
    /// Inside an element of the class `fig` it takes its colours from the book's theme; in a
    /// file of its own it has some.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::draw(self)
    }

    /// What the events of a worker amount to.
    fn counters(&self, worker: usize) -> Counters {
        let events = self.events(worker).iter();
        events.fold(Counters::default(), |mut sum, event| {
            match event.what {
                What::Runs => sum.executed += 1,
                What::Stole(_) => sum.stolen += 1,
                What::Parks => sum.parked += 1,
                What::Ran | What::Wakes => {}
            }
            sum
        })
    }

    /// From the beginning of the first job to the end of the last.
    fn span(&self) -> (Duration, Duration) {
        let jobs = |wanted| {
            let all = self.lanes.iter().flat_map(|lane| &lane.events);
            all.filter(move |event| event.what == wanted)
                .map(|it| it.at)
        };
        let Some(start) = jobs(What::Runs).min() else {
            return (Duration::ZERO, self.until);
        };
        let running = jobs(What::Runs).count() > jobs(What::Ran).count();
        let end = jobs(What::Ran).max().filter(|_| !running);
        (start, end.unwrap_or(self.until))
    }

    /// What a worker was doing, from when to when.
    fn stretches(&self, worker: usize) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        // Whether each of the jobs that it is in was stolen.
        let mut inside = Vec::new();
        let (mut stole, mut asleep) = (false, false);
        let events = self.events(worker);
        let ends = events.iter().skip(1).map(|next| next.at);
        for (event, end) in events.iter().zip(ends.chain([self.until])) {
            match event.what {
                What::Runs => inside.push(std::mem::take(&mut stole)),
                What::Ran => drop(inside.pop()),
                What::Stole(_) => stole = true,
                What::Parks => asleep = true,
                What::Wakes => asleep = false,
            }
            let doing = match inside.last() {
                _ if asleep => Doing::Sleeps,
                None => Doing::Looks,
                Some(false) => Doing::Runs,
                Some(true) => Doing::RunsStolen,
            };
            stretches.push(Stretch {
                from: event.at,
                to: end,
                doing,
            });
        }
        stretches
    }
}

/// What a worker can be doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Looks,
    Runs,
    RunsStolen,
    Sleeps,
}

/// A time in which a worker did one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    from: Duration,
    to: Duration,
    doing: Doing,
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("workers", &self.workers())
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
