//! A failure is reported by the simplest run that shows it: one that reads no old value if
//! that will do, with as few threads interrupted as will do.

use std::time::{Duration, Instant};

use crate::execution::{Trouble, Watch, run};
use crate::failure::{Failure, Found, Kind, Record};
use crate::model::{Limits, Stats};
use crate::search::{Guide, Root, explore};

/// How many states a search for a simpler failure may visit.
const SIMPLER_STATES: usize = 10_000;

/// How long all of them together may take, beside the time that it took to find the failure.
const SIMPLER_TIME: Duration = Duration::from_millis(300);

/// Looks for a run that fails in the same way with fewer changes from one thread to another,
/// repeats the best with a record of what it does, and makes the report of it.
pub(crate) fn report(
    limits: &Limits,
    mut guide: Guide,
    root: &Root,
    (mut found, trouble): (Found, Trouble),
    stats: Stats,
) -> Box<Failure> {
    if found.kind == Kind::NotDeterministic {
        return Failure::new(found, &stats, Record::default());
    }
    let mut limits = limits.clone();
    // What fails without old values, and without anything that happens for no reason, is
    // easier to follow without.
    let plain = [(true, true), (false, true), (true, false), (false, false)];
    let started = Instant::now();
    'simpler: for (newest_only, for_reasons_only) in plain {
        let as_found =
            newest_only != trouble.old && for_reasons_only != trouble.for_no_reason;
        let most = limits.preemptions.unwrap_or(3);
        let most = if as_found {
            trouble.preemptions.min(most)
        } else {
            most
        };
        for preemptions in 0..most {
            let simpler = Limits {
                preemptions: Some(preemptions),
                states: SIMPLER_STATES,
                newest_only,
                for_reasons_only,
                ..limits.clone()
            };
            let mut other = Guide::default();
            if let (_, Some((same, _))) = explore(&simpler, &mut other, root)
                && same.kind == found.kind
            {
                (guide, found, limits) = (other, same, simpler);
                break 'simpler;
            }
            if started.elapsed() > SIMPLER_TIME + stats.time {
                break 'simpler;
            }
        }
        if as_found {
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
