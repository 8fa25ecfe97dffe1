//! One run along a schedule, to be looked at.

use std::time::Instant;

use crate::execution::{Execution, Watch, run};
use crate::failure::{Failure, Found, Kind};
use crate::model::{Limits, Stats};
use crate::schedule::Schedule;
use crate::search::{Guide, Root};

/// Runs `root` once, along `schedule`.
pub(crate) fn replay(
    limits: &Limits,
    schedule: Schedule,
    root: &Root,
) -> Result<Stats, Box<Failure>> {
    let started = Instant::now();
    let mut guide = Guide::following(schedule);
    let mut stats = Stats::default();
    let ended = run(limits, &mut guide, root, Watch::Record);
    stats.count(&ended, 0, started.elapsed());
    let found = ended.found.or_else(|| {
        let schedule = guide.schedule()?;
        let left = schedule.left();
        let over = (left > 0).then(|| {
            let step = schedule.step();
            format!(
                "the run ends after step {step}, and the schedule has {left} more"
            )
        });
        let problem = schedule.problem(true).or(over)?;
        Some(Found::new(Kind::BadSchedule, problem, None))
    });
    match found {
        Some(found) => Err(Failure::new(found, &stats, ended.record)),
        None => Ok(stats),
    }
}

impl Execution {
    /// Ends the run if the schedule asks for what there is not; `at_end` of a step, also if
    /// it asks for more than there was.
    pub(crate) fn check_schedule(&mut self, at_end: bool) {
        let schedule = self.guide.schedule();
        if let Some(problem) = schedule.and_then(|it| it.problem(at_end)) {
            self.fail(Kind::BadSchedule, problem, None);
        }
    }

    /// Ends the run because `thread` can't take the next step.
    pub(crate) fn refuse(&mut self, thread: usize) {
        let step = self.guide.schedule().map_or(0, |it| it.step());
        let last = self.threads.len() - 1;
        let why = if thread > last {
            format!(
                "there is no thread {thread}; the last one so far is thread {last}"
            )
        } else {
            self.waits(thread)
        };
        self.fail(Kind::BadSchedule, format!("step {step}: {why}"), None);
    }

    /// Takes the default where there was something to choose, so that a schedule of this
    /// run can be followed by one that has the choice.
    pub(crate) fn do_without(&mut self, count: usize) -> usize {
        if count > 1 {
            self.chose(0);
        }
        0
    }
}
