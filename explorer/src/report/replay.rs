//! One run along a schedule, to be looked at.

use std::time::Instant;

use crate::execution::{Watch, run};
use crate::failure::Failure;
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
    match ended.found {
        Some(found) => Err(Failure::new(found, &stats, ended.record)),
        None => Ok(stats),
    }
}
