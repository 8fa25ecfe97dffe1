//! The progress under the model checker, and versions that are wrong by a line.

use explorer::Kind;

use super::{Progress, Snapshot};
use crate::ground::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, needs_its_orderings, start};

/// A progress, or what somebody took for one.
trait Work: Default + Send + Sync + 'static {
    fn announce(&self);
    fn advance(&self);
    fn snapshot(&self) -> Snapshot;
}

impl Work for Progress {
    fn announce(&self) {
        self.announce(1);
    }

    fn advance(&self) {
        self.advance(1);
    }

    fn snapshot(&self) -> Snapshot {
        self.snapshot()
    }
}

/// A version that has not what is right in one of its two places.
macro_rules! wrong {
    ($Name:ident, $story:literal $(, advance: $advance:expr)? $(, snapshot: $snapshot:expr)?) => {
        #[doc = $story]
        #[derive(Default)]
        struct $Name {
            done: AtomicU64,
            total: AtomicU64,
        }

        #[allow(unused_assignments, unused_mut, reason = "one of them is replaced")]
        impl Work for $Name {
            fn announce(&self) {
                // ORDERING: Relaxed, as in the right one.
                self.total.fetch_add(1, Relaxed);
            }

            fn advance(&self) {
                let mut advance: fn(&AtomicU64) = |done| {
                    // ORDERING: Release pairs with the load in `snapshot`.
                    done.fetch_add(1, Release);
                };
                $(advance = $advance;)?
                advance(&self.done);
            }

            fn snapshot(&self) -> Snapshot {
                let mut snapshot: fn(&AtomicU64, &AtomicU64) -> [u64; 2] = |done, total| {
                    // ORDERING: as in the right one; Acquire pairs with `advance`.
                    [done.load(Acquire), total.load(Relaxed)]
                };
                $(snapshot = $snapshot;)?
                let [done, total] = snapshot(&self.done, &self.total);
                Snapshot { done, total }
            }
        }
    };
}

wrong!(
    LooksAtTheTotalFirst,
    "Reads the total, and then what has been done by then.",
    snapshot: |done, total| {
        // ORDERING: Acquire, both, which does not help; pairs with `advance`.
        let total = total.load(Acquire);
        // ORDERING: as above, in `advance`.
        [done.load(Acquire), total]
    }
);

wrong!(
    AdvancesInTwoSteps,
    "Reads what is done, and stores one more.",
    advance: |done| {
        // ORDERING: Relaxed. No ordering makes one step of two.
        let now = done.load(Relaxed);
        // ORDERING: Release pairs with the load in `snapshot`.
        done.store(now + 1, Release);
    }
);

/// Two workers find work and do it, while somebody looks twice.
fn never_more_than_all<W: Work>() {
    let progress = Arc::new(W::default());
    let workers = [(); 2].map(|()| {
        start(&progress, |progress: &W| {
            progress.announce();
            progress.advance();
        })
    });
    let [first, second] = [progress.snapshot(), progress.snapshot()];
    for Snapshot { done, total } in [first, second] {
        assert!(done <= total, "{done} of {total} are done");
    }
    let grew = first.done <= second.done && first.total <= second.total;
    assert!(grew, "{first:?}, then {second:?}");
    for worker in workers {
        worker.join().unwrap();
    }
    assert_eq!(progress.snapshot(), Snapshot { done: 2, total: 2 });
}

#[test]
fn no_reader_sees_more_done_than_there_is() {
    holds("two work, one looks", never_more_than_all::<Progress>);
}

#[test]
fn wrong_versions_are_caught() {
    caught(
        "progress",
        &[
            (
                "looks at the total first",
                never_more_than_all::<LooksAtTheTotalFirst>,
                Kind::Assertion,
            ),
            (
                "advances in two steps",
                never_more_than_all::<AdvancesInTwoSteps>,
                Kind::Assertion,
            ),
        ],
    );
}

#[test]
fn both_orderings_are_needed() {
    let models: [(_, fn()); 1] =
        [("two work, one looks", never_more_than_all::<Progress>)];
    needs_its_orderings("progress", &models, &[]);
}
