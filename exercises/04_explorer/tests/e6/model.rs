//! Graders of 04.6: the orderings as they are, and each of them weaker.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

use ::explorer::{Failure, Model, Stats};

use super::on_model::answer;
use answer::given::{Orderings, two_letters};

grading::graders![every_schedule_ends_well, nothing_can_be_weaker,];

/// What an operation is, and so which orderings it may have.
#[derive(Clone, Copy, PartialEq)]
enum Operation {
    Load,
    Store,
    Addition,
}

/// One of the six: its name, what it is, and where it stands in [`Orderings`].
struct Place {
    name: &'static str,
    operation: Operation,
    field: fn(&mut Orderings) -> &mut Ordering,
}

const PLACES: [Place; 6] = {
    use Operation::{Addition, Load, Store};
    [
        Place {
            name: "FILL",
            operation: Store,
            field: |all| &mut all.fill,
        },
        Place {
            name: "RING",
            operation: Addition,
            field: |all| &mut all.ring,
        },
        Place {
            name: "HEAR",
            operation: Load,
            field: |all| &mut all.hear,
        },
        Place {
            name: "LOOK",
            operation: Load,
            field: |all| &mut all.look,
        },
        Place {
            name: "EMPTY",
            operation: Store,
            field: |all| &mut all.empty,
        },
        Place {
            name: "REFILL",
            operation: Load,
            field: |all| &mut all.refill,
        },
    ]
};

/// What is weaker than `ordering`, the weakest first.
fn weaker(operation: Operation, ordering: Ordering) -> &'static [Ordering] {
    match (operation, ordering) {
        (_, Relaxed) => &[],
        (Operation::Load, SeqCst) => &[Relaxed, Acquire],
        (Operation::Store, SeqCst) => &[Relaxed, Release],
        (Operation::Addition, SeqCst) => &[Relaxed, Acquire, Release, AcqRel],
        (Operation::Addition, AcqRel) => &[Relaxed, Acquire, Release],
        _ => &[Relaxed],
    }
}

/// The reader's six, if there are such operations.
fn answered() -> Orderings {
    let mut all = Orderings {
        fill: answer::FILL,
        ring: answer::RING,
        hear: answer::HEAR,
        look: answer::LOOK,
        empty: answer::EMPTY,
        refill: answer::REFILL,
    };
    for Place {
        name,
        operation,
        field,
    } in PLACES
    {
        let ordering = *field(&mut all);
        let is_none = match operation {
            Operation::Load => matches!(ordering, Release | AcqRel),
            Operation::Store => matches!(ordering, Acquire | AcqRel),
            Operation::Addition => false,
        };
        let what = if operation == Operation::Load {
            "load"
        } else {
            "store"
        };
        assert!(
            !is_none,
            "{name} is {ordering:?}, and there is no such {what}: a load can acquire, a \
             store can release"
        );
    }
    all
}

fn explore(all: Orderings) -> Result<Stats, Box<Failure>> {
    Model::new("two letters and a bell").explore(move || two_letters(all))
}

/// Strong enough.
fn every_schedule_ends_well() {
    let all = answered();
    match explore(all) {
        Ok(stats) => {
            assert!(stats.complete, "the model is small, and was not finished")
        }
        Err(failure) => {
            let sentence =
                format!("with {all:?}: {}: {}", failure.kind, failure.sentence);
            grading::reject(*failure, sentence);
        }
    }
}

/// And no stronger than that.
fn nothing_can_be_weaker() {
    let all = answered();
    let Ok(stats) = explore(all) else {
        panic!(
            "these orderings are too weak as they are: see the grader before this one"
        );
    };
    // Where each ordering is used, for whoever wants to look.
    let used: BTreeSet<_> = stats
        .orderings
        .iter()
        .map(|used| {
            let (at, what) = (&used.site, &used.operation);
            format!("{at}: {}.{what}, {}", used.location, used.ordering)
        })
        .collect();
    for line in used {
        println!("{line}");
    }
    for Place {
        name,
        operation,
        field,
    } in PLACES
    {
        let ordering = *field(&mut { all });
        for weak in weaker(operation, ordering) {
            let mut other = all;
            *field(&mut other) = *weak;
            assert!(
                explore(other).is_err(),
                "{name} is {ordering:?}, and {weak:?} would do: with it, every schedule \
                 still ends well"
            );
        }
    }
}
