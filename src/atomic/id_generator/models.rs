//! The ids under the model checker, and versions that are wrong by a line.

use explorer::Kind;

use super::IdGenerator;
use crate::ground::atomic::{AtomicU64, Ordering::Relaxed};
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, needs_its_orderings, start};

const LAST: u64 = u64::MAX;

/// A generator, or what somebody took for one.
trait Ids: Send + Sync + 'static {
    fn after(last: u64) -> Self;
    /// The next, or nothing if there is none.
    fn next(&self) -> Option<u64>;
}

impl Ids for IdGenerator {
    fn after(last: u64) -> Self {
        Self::after(last)
    }

    fn next(&self) -> Option<u64> {
        self.next().ok().map(super::Id::get)
    }
}

/// A version that is wrong by one line.
macro_rules! wrong {
    ($Name:ident, $story:literal, $next:expr) => {
        #[doc = $story]
        struct $Name(AtomicU64);

        impl Ids for $Name {
            fn after(last: u64) -> Self {
                Self(AtomicU64::new(last))
            }

            fn next(&self) -> Option<u64> {
                let next: fn(&AtomicU64) -> Option<u64> = $next;
                next(&self.0)
            }
        }
    };
}

// ORDERING: Relaxed, in all of them as in the right one: it is not about other memory.
wrong!(
    OnlyAdds,
    "Adds, and does not think of the end.",
    // ORDERING: as above.
    |last| Some(last.fetch_add(1, Relaxed).wrapping_add(1))
);

wrong!(
    AddsAndLooks,
    "Adds, and looks afterwards: the next caller finds that the word has wrapped around.",
    // ORDERING: as above.
    |last| last.fetch_add(1, Relaxed).checked_add(1)
);

wrong!(
    AddsAndTakesBack,
    "As `AddsAndLooks`, but takes it back; in between another caller looks.",
    |last| {
        // ORDERING: as above.
        let id = last.fetch_add(1, Relaxed).checked_add(1);
        if id.is_none() {
            // ORDERING: as above.
            last.fetch_sub(1, Relaxed);
        }
        id
    }
);

wrong!(
    LooksAndAdds,
    "Looks, and adds in a second step: two see that there is one left.",
    |last| {
        // ORDERING: as above.
        if last.load(Relaxed) == LAST {
            return None;
        }
        // ORDERING: as above.
        Some(last.fetch_add(1, Relaxed).wrapping_add(1))
    }
);

wrong!(
    LooksAndStores,
    "Looks, and stores in a second step: two store the same.",
    |last| {
        // ORDERING: as above.
        let id = last.load(Relaxed).checked_add(1)?;
        // ORDERING: as above.
        last.store(id, Relaxed);
        Some(id)
    }
);

/// Three threads ask, and there is one left.
fn one_is_left<I: Ids>() {
    let ids = Arc::new(I::after(LAST - 1));
    let others = [(); 2].map(|()| start(&ids, I::next));
    let mine = ids.next();
    let theirs = others.map(|other| other.join().unwrap());
    let mut all: Vec<_> = theirs.into_iter().chain([mine]).flatten().collect();
    all.extend(ids.next());
    assert_eq!(all, [LAST], "handed out, with one left");
}

/// Two threads take two each, all different, and each sees its own grow.
fn all_differ<I: Ids>() {
    let ids = Arc::new(I::after(0));
    let take_two = |ids: &I| {
        let two = [(); 2].map(|()| ids.next().expect("there are many"));
        assert!(two[0] < two[1], "{two:?}");
        two
    };
    let other = start(&ids, take_two);
    let mine = take_two(&ids);
    let mut all = [mine, other.join().unwrap()].concat();
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3, 4]);
}

#[test]
fn none_comes_twice_and_none_after_the_last() {
    holds("one is left, for three", one_is_left::<IdGenerator>);
    holds("two take two each", all_differ::<IdGenerator>);
}

#[test]
fn wrong_versions_are_caught() {
    caught(
        "id generator",
        &[
            ("only adds", one_is_left::<OnlyAdds>, Kind::Assertion),
            (
                "adds and looks",
                one_is_left::<AddsAndLooks>,
                Kind::Assertion,
            ),
            (
                "adds and takes back",
                one_is_left::<AddsAndTakesBack>,
                Kind::Assertion,
            ),
            (
                "looks and adds",
                one_is_left::<LooksAndAdds>,
                Kind::Assertion,
            ),
            (
                "looks and stores",
                all_differ::<LooksAndStores>,
                Kind::Assertion,
            ),
        ],
    );
}

#[test]
fn no_ordering_is_used() {
    let models: [(_, fn()); 1] = [("one is left", one_is_left::<IdGenerator>)];
    needs_its_orderings("id generator", &models, &[]);
}

#[test]
fn an_id_shows_as_its_number() {
    let id = IdGenerator::new().next().unwrap();
    assert_eq!(format!("{id} {id:?}"), "1 Id(1)");
    assert_eq!(size_of::<Option<super::Id>>(), 8);
}
