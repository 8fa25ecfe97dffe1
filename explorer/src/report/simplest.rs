//! A failure is reported by the simplest run that shows it: one that reads no old value if
//! that will do, with as few threads interrupted as will do.

use crate::execution::{Watch, run};
use crate::failure::{Failure, Found, Kind, Record};
use crate::model::{Limits, Stats};
use crate::search::{Guide, Root, explore};

/// How many states a search for a simpler failure may visit.
const SIMPLER_STATES: usize = 10_000;

/// Looks for a run that fails in the same way with fewer changes from one thread to another,
/// repeats the best with a record of what it does, and makes the report of it.
pub(crate) fn report(
    limits: &Limits,
    mut guide: Guide,
    root: &Root,
    mut found: Found,
    stats: Stats,
) -> Box<Failure> {
    if found.kind == Kind::NotDeterministic {
        return Failure::new(found, &stats, Record::default());
    }
    let mut limits = limits.clone();
    // First without old values: what fails without them is easier to follow without them.
    let bounds = 0..limits.preemptions.unwrap_or(3);
    let simpler = [true, false].into_iter().flat_map(|newest_only| {
        let limits = limits.clone();
        bounds.clone().map(move |preemptions| Limits {
            preemptions: Some(preemptions),
            states: SIMPLER_STATES,
            newest_only,
            ..limits.clone()
        })
    });
    for simpler in simpler {
        let mut other = Guide::default();
        if let (_, Some(same)) = explore(&simpler, &mut other, root)
            && same.kind == found.kind
        {
            (guide, found, limits) = (other, same, simpler);
            break;
        }
    }
    guide.rewind();
    let again = run(&limits, &mut guide, root, Watch::Record);
    match again.found {
        Some(same) if same.kind == found.kind => {
            Failure::new(same, &stats, again.record)
        }
        _ => Failure::new(Found::not_deterministic(), &stats, again.record),
    }
}
