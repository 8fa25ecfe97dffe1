//! The search: which choices there are, in which order they are tried, and when a run is
//! not worth going on with.
//!
//! A run of a model is decided by a list of small numbers: which thread takes the next step,
//! which message a load reads, whether a wait ends too early. The search is depth-first
//! over these lists. It runs the model with the list as far as it goes, and with 0 behind
//! its end; then it counts the last number up, drops those that have no alternative left,
//! and runs again:
//!
//! ```text
//! 0 0 0 0      the first run: everything 0
//! 0 0 0 1      replay three choices, take the next alternative of the fourth
//! 0 0 1 0      no alternative left for the fourth: count up the third
//! ...
//! ```
//!
//! No state is ever saved: to come back to it is to replay the choices that led there.
//!
//! Two lists can lead to the same state: it does not matter which of two threads first
//! stores to its own location. From a state that was seen before, everything that can
//! happen has been tried or will be, so the rest of that run is not explored: it gets 0 for
//! all choices, and none of them is put on the list.
//!
//! One choice is asked for a while only: whether a thread that waits in a loop goes round it
//! alone (`waits/spin.rs`). Once that loop has turned out to be endless, it is not.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::rc::Rc;
use std::time::Instant;

use crate::digest::AsItIs;
use crate::execution::{Ended, Trouble, Watch, run};
use crate::failure::{Failure, Found};
use crate::model::{Limits, Stats};
use crate::report;
use crate::schedule::Schedule;

/// One decision: which alternative was taken, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    taken: u8,
    of: u8,
    /// The loop that asks whether to go round alone; 0 for all other choices.
    round: usize,
}

/// Tells a run which alternative to take, and remembers what there was to choose from.
#[derive(Debug, Default)]
pub(crate) struct Guide {
    path: Vec<Choice>,
    /// How many of the path's choices this run has taken.
    taken: usize,
    seen: HashSet<u64, BuildHasherDefault<AsItIs>>,
    /// Loops that have no end of their own.
    endless: Vec<usize>,
    /// This run has come to a state that was seen before.
    pruned: bool,
    /// The path did not fit: a choice had another number of alternatives when replayed.
    strayed: bool,
    /// Follow these steps instead of the path.
    schedule: Option<Schedule>,
}

impl Guide {
    /// For a run that follows `schedule`.
    pub(crate) fn following(schedule: Schedule) -> Self {
        Self {
            schedule: Some(schedule),
            ..Self::default()
        }
    }

    /// Takes one of `count` alternatives; 0 is the default.
    pub(crate) fn choose(&mut self, count: usize) -> usize {
        if let Some(schedule) = &mut self.schedule {
            return schedule.choose(count);
        }
        if count <= 1 || self.strayed {
            return 0;
        }
        let of = u8::try_from(count).expect("fewer threads and messages than 256");
        if let Some(choice) = self.path.get(self.taken) {
            self.strayed = choice.of != of;
            self.taken += 1;
            return if self.strayed { 0 } else { choice.taken.into() };
        }
        if !self.pruned {
            self.path.push(Choice {
                taken: 0,
                of,
                round: 0,
            });
            self.taken += 1;
        }
        0
    }

    /// Whether a thread goes round its `own_loop` alone, although nothing changes: tried
    /// only until the loop has turned out to be endless.
    pub(crate) fn choose_round(&mut self, own_loop: usize) -> bool {
        if self.schedule.is_some() || self.pruned || self.strayed {
            return self.choose(2) == 1;
        }
        let asked = match self.path.get(self.taken) {
            Some(choice) => choice.round == own_loop,
            None => !self.endless.contains(&own_loop),
        };
        let alone = asked && self.choose(2) == 1;
        if asked && let Some(choice) = self.path.get_mut(self.taken - 1) {
            choice.round = own_loop;
        }
        alone
    }

    /// The rest of this run is not worth exploring: a thread goes round `own_loop`, and that
    /// never ends.
    pub(crate) fn prune_endless(&mut self, own_loop: usize) {
        // A schedule is followed to its end.
        self.pruned = self.schedule.is_none();
        self.endless.push(own_loop);
    }

    /// Takes one of the threads in `candidates`; `Err` says why the schedule's choice is
    /// none of them.
    pub(crate) fn choose_thread(
        &mut self,
        candidates: &[usize],
    ) -> Result<usize, usize> {
        match &mut self.schedule {
            Some(schedule) => schedule.next_thread(candidates),
            None => Ok(candidates[self.choose(candidates.len())]),
        }
    }

    /// Whether a state that the run comes to now has not been reached by replay.
    pub(crate) fn is_new_ground(&self) -> bool {
        self.schedule.is_none() && !self.pruned && self.taken == self.path.len()
    }

    /// The run is in `state`, on new ground. If that was seen before, and `prune` says so,
    /// the rest is not explored.
    pub(crate) fn arrive(&mut self, state: u64, prune: bool) {
        self.pruned = !self.seen.insert(state) && prune;
    }

    /// How many states were seen.
    pub(crate) fn states(&self) -> usize {
        self.seen.len()
    }

    /// Whether the path did not fit.
    pub(crate) fn has_strayed(&self) -> bool {
        self.strayed
    }

    /// Whether the run has come to a state that was seen before.
    pub(crate) fn is_pruned(&self) -> bool {
        self.pruned
    }

    /// The schedule that the run follows, if it does.
    pub(crate) fn schedule(&mut self) -> Option<&mut Schedule> {
        self.schedule.as_mut()
    }

    /// Goes to the next list of choices; `false` if that was the last.
    pub(crate) fn next_path(&mut self) -> bool {
        while let Some(last) = self.path.last_mut() {
            if last.taken + 1 < last.of {
                last.taken += 1;
                self.rewind();
                return true;
            }
            self.path.pop();
        }
        false
    }

    pub(crate) fn rewind(&mut self) {
        self.taken = 0;
        self.pruned = false;
    }
}

/// What is searched: the closure that runs as thread 0.
pub(crate) type Root = Rc<dyn Fn()>;

/// Runs `root` in every way within `limits`, until one fails or all have been tried.
pub(crate) fn search(limits: &Limits, root: &Root) -> Result<Stats, Box<Failure>> {
    let mut guide = Guide::default();
    let (stats, found) = explore(limits, &mut guide, root);
    match found {
        Some(found) => Err(report::report(limits, guide, root, found, stats)),
        None => Ok(stats),
    }
}

/// The search itself. If a run failed, the guide holds the choices that led there.
pub(crate) fn explore(
    limits: &Limits,
    guide: &mut Guide,
    root: &Root,
) -> (Stats, Option<(Found, Trouble)>) {
    let started = Instant::now();
    let mut stats = Stats::default();
    loop {
        let ended = run(limits, guide, root, Watch::Nothing);
        stats.count(&ended, guide.seen.len(), started.elapsed());
        let repeatable =
            stats.executions > 1 || is_repeatable(limits, guide, root, &ended);
        if guide.strayed || !repeatable {
            return (stats, Some((Found::not_deterministic(), ended.trouble)));
        }
        if let Some(found) = ended.found {
            return (stats, Some((found, ended.trouble)));
        }
        stats.complete = !guide.next_path();
        let over_time = limits.time.is_some_and(|time| stats.time > time);
        if stats.complete || stats.states >= limits.states || over_time {
            return (stats, None);
        }
    }
}

/// Runs the first execution once more: whatever it did must happen again.
fn is_repeatable(
    limits: &Limits,
    guide: &mut Guide,
    root: &Root,
    first: &Ended,
) -> bool {
    guide.rewind();
    let again = run(limits, guide, root, Watch::Nothing);
    again.run_hash == first.run_hash
}
