//! Is each ordering needed? The models of a type are run again, once for each ordering that
//! they have used, with that one a step weaker; a model that fails then is the proof.
//!
//! An ordering that can be weakened without a failure is needlessly strong, or the models
//! say too little. Both are worth knowing, and no test on a real machine tells.
//!
//! | operation | one step weaker |
//! |---|---|
//! | load, and a compare-exchange that fails | `SeqCst` -> `Acquire` -> `Relaxed` |
//! | store | `SeqCst` -> `Release` -> `Relaxed` |
//! | read-modify-write | `SeqCst` -> `AcqRel` -> `Acquire` or `Release` -> `Relaxed` |
//! | fence | `SeqCst` -> `AcqRel` -> `Acquire` or `Release` -> no fence |

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::Ordering;

use self::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use crate::execution::Site;
use crate::failure::Failure;
use crate::model::{Model, UsedOrdering};

/// An ordering that was weakened, and what came of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Weakened {
    /// The operation, as it is in the source.
    pub used: UsedOrdering,
    /// Whether it is the ordering on failure of a compare-exchange.
    pub on_failure: bool,
    /// What it was.
    pub from: Ordering,
    /// What it was weakened to; for a fence `Relaxed` is none at all.
    pub to: Ordering,
    /// How a model failed with it. `None`: all of them passed, so it is not needed as far
    /// as these models can tell.
    pub caught: Option<Box<Failure>>,
}

/// `src/lock.rs:41 state.store: Release -> Relaxed: DATA RACE in "two threads add"`
impl fmt::Display for Weakened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UsedOrdering {
            location,
            site,
            operation,
            ..
        } = &self.used;
        let dot = if location.is_empty() { "" } else { "." };
        write!(f, "{site} {location}{dot}{operation}")?;
        if self.on_failure {
            f.write_str(" on failure")?;
        }
        match (self.used.operation, self.to) {
            ("fence", Relaxed) => write!(f, ": {:?} -> none: ", self.from)?,
            _ => write!(f, ": {:?} -> {:?}: ", self.from, self.to)?,
        }
        match &self.caught {
            Some(failure) => write!(f, "{} in {:?}", failure.kind, failure.model),
            None => f.write_str("no model fails"),
        }
    }
}

/// Weakens each ordering that `models` use, one at a time and by one step, and runs them
/// until one fails.
///
/// An ordering is one place in the source, whatever type it is compiled for. Operations of
/// the models themselves count too: let them be `Relaxed`, and they are left alone.
///
/// ```
/// use explorer::ground::atomic::{AtomicU32, Ordering::{Acquire, Relaxed, Release}};
/// use explorer::ground::{sync::Arc, thread};
/// use explorer::Model;
///
/// fn publishes() {
///     let page = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
///     let theirs = Arc::clone(&page);
///     let writer = thread::spawn(move || {
///         let (text, is_ready) = &*theirs;
///         // ORDERING: Relaxed. `is_ready` publishes it.
///         text.store(7, Relaxed);
///         // ORDERING: Release pairs with the load in `publishes`.
///         is_ready.store(1, Release);
///     });
///     let (text, is_ready) = &*page;
///     // ORDERING: Acquire pairs with the store in `publishes`; the text needs no more.
///     if is_ready.load(Acquire) == 1 {
///         // ORDERING: as above.
///         assert_eq!(text.load(Relaxed), 7);
///     }
///     writer.join().unwrap();
/// }
///
/// let weakened = explorer::weaken(&[(Model::new("a page"), publishes)]).unwrap();
/// assert_eq!(weakened.len(), 2, "the store and the load");
/// assert!(weakened.iter().all(|it| it.caught.is_some()));
/// ```
///
/// # Errors
/// The failure of a model that fails, or is too large, before anything is weakened.
///
/// # Panics
/// If called inside a model.
pub fn weaken(models: &[(Model, fn())]) -> Result<Vec<Weakened>, Box<Failure>> {
    weaken_until(models, |_| false)
}

/// As [`weaken`], but stops at the first ordering that no model needs: `None` if all of
/// them are needed.
///
/// # Errors
/// As [`weaken`].
///
/// # Panics
/// If called inside a model.
pub fn needlessly_strong(
    models: &[(Model, fn())],
) -> Result<Option<Weakened>, Box<Failure>> {
    let mut all = weaken_until(models, |it| it.caught.is_none())?;
    Ok(all.pop().filter(|it| it.caught.is_none()))
}

/// Goes on until one of them is the `last`.
fn weaken_until(
    models: &[(Model, fn())],
    last: fn(&Weakened) -> bool,
) -> Result<Vec<Weakened>, Box<Failure>> {
    let mut used = BTreeSet::new();
    for (model, root) in models {
        used.extend(model.clone().orderings().outcomes(*root)?.1.orderings);
    }
    let mut used = used.into_iter().collect::<Vec<_>>();
    let place = |it: &UsedOrdering| {
        let orderings = (it.ordering.clone(), it.failure.clone());
        (it.place, it.operation, orderings)
    };
    used.sort_by_key(place);
    // One place may serve several locations.
    used.dedup_by_key(|it| place(it));
    let mut all = vec![];
    for used in used {
        let from = [Some(&used.ordering), used.failure.as_ref()];
        for (which, operation) in [(0, used.operation), (1, "load")] {
            let Some(from) = from[which].and_then(|name| by_name(name)) else {
                continue;
            };
            for &to in weaker(operation, from) {
                let _weaker = InForce::begin(Change {
                    place: used.place,
                    operation: used.operation,
                    which,
                    to,
                });
                let mut failures =
                    models.iter().map(|(model, root)| model.explore(*root));
                all.push(Weakened {
                    used: used.clone(),
                    on_failure: which == 1,
                    from,
                    to,
                    caught: failures.find_map(Result::err),
                });
                if all.last().is_some_and(last) {
                    return Ok(all);
                }
            }
        }
    }
    Ok(all)
}

fn by_name(name: &str) -> Option<Ordering> {
    let all = [Relaxed, Acquire, Release, AcqRel, SeqCst];
    all.into_iter().find(|it| format!("{it:?}") == name)
}

/// What is one step weaker.
fn weaker(operation: &str, from: Ordering) -> &'static [Ordering] {
    match (operation, from) {
        ("load", SeqCst) => &[Acquire],
        ("store", SeqCst) => &[Release],
        (_, SeqCst) => &[AcqRel],
        (_, AcqRel) => &[Acquire, Release],
        (_, Acquire | Release) => &[Relaxed],
        _ => &[],
    }
}

/// One ordering, and what it is to be instead.
#[derive(Clone, Copy)]
struct Change {
    place: Site,
    operation: &'static str,
    /// 0 is the ordering, 1 that on failure.
    which: usize,
    to: Ordering,
}

thread_local! {
    static CHANGE: Cell<Option<Change>> = const { Cell::new(None) };
}

/// A change is in force until this is dropped.
struct InForce;

impl InForce {
    fn begin(change: Change) -> Self {
        CHANGE.set(Some(change));
        Self
    }
}

impl Drop for InForce {
    fn drop(&mut self) {
        CHANGE.set(None);
    }
}

/// The orderings that an operation is to have: those in the source, or weaker ones.
pub(crate) fn in_force<const N: usize>(
    site: Site,
    operation: &str,
    mut orderings: [Ordering; N],
) -> [Ordering; N] {
    if let Some(change) = CHANGE.get()
        && change.operation == operation
        && change.which < N
        && change.place == site
    {
        orderings[change.which] = change.to;
    }
    orderings
}
