//! Plain accesses: which of them race.

use explorer::litmus::Op;

use super::{candidates, related};

/// Where a plain access stands: behind so many operations of a thread. Perhaps it is
/// executed only if a register is not 0 by then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) thread: usize,
    pub(crate) behind: usize,
    pub(crate) unless_zero: Option<usize>,
}

/// Whether plain accesses at the two places race in some order of execution: both are
/// executed, and neither happens before the other.
pub(crate) fn can_race(threads: &[Vec<Op>], [one, other]: [Place; 2]) -> bool {
    let mut races = false;
    candidates(threads, &mut |judged| {
        let events = judged.events;
        let of = |thread| {
            (0..events.len()).filter(move |&it| events[it].thread == Some(thread))
        };
        // From an operation behind the first place to one before the second.
        let ordered = |from: Place, to: Place| {
            of(from.thread).skip(from.behind).any(|start| {
                let mut ends = of(to.thread).take(to.behind);
                ends.any(|end| related(judged.happens, start, end))
            })
        };
        let executed = |place: Place| {
            let registers = &judged.outcome.registers;
            place
                .unless_zero
                .is_none_or(|register| registers[register] != 0)
        };
        races |= judged.in_order
            && executed(one)
            && executed(other)
            && !ordered(one, other)
            && !ordered(other, one);
    });
    races
}
