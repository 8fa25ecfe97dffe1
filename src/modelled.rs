//! What the unit tests ask of the model checker, in two sentences: this holds in every
//! order, and these versions, wrong by a line, do not get away with it.
//!
//! A property that no wrong version fails would prove nothing.

mod table;

use std::env;

use explorer::{Kind, Model};

use crate::ground::sync::Arc;
use crate::ground::thread::{self, JoinHandle};

/// Starts a thread that has a share in `value`.
pub(crate) fn start<T, R>(
    value: &Arc<T>,
    run: impl FnOnce(&T) -> R + Send + 'static,
) -> JoinHandle<R>
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    let value = Arc::clone(value);
    thread::spawn(move || run(&value))
}

/// `program` must not fail in any order of its steps, and all of them must be tried.
///
/// A plain `cargo test` leaves the few largest models after [`STATES`] states;
/// `THREADBARE_MODELS=all` goes on to the end, and so does CI.
#[track_caller]
pub(crate) fn holds(name: &str, program: fn()) {
    holds_in(Model::new(name), name, program);
}

/// As [`holds`], without wake-ups for no reason: for models that would be too large with
/// them. What a type does about those is for a smaller model to say.
#[track_caller]
pub(crate) fn holds_for_reasons(name: &str, program: fn()) {
    holds_in(Model::new(name).spurious(false), name, program);
}

/// Half a second or so of an unoptimised build.
const STATES: usize = 10_000;

#[track_caller]
fn holds_in(model: Model, name: &str, program: fn()) {
    let all = env::var_os("THREADBARE_MODELS").is_some_and(|it| it == "all");
    let model = if all { model } else { model.states(STATES) };
    match model.explore(program) {
        Ok(stats) if stats.complete => {}
        Ok(stats) if !all && stats.states >= STATES => {
            println!("{name}: left after {STATES} states; THREADBARE_MODELS=all");
        }
        Ok(stats) => panic!("{name}: {stats:?}"),
        Err(failure) => panic!("{failure}"),
    }
}

/// Each of these programs, which run a wrong version, must fail in the way given with it.
/// Prints how many did.
#[track_caller]
pub(crate) fn caught(subject: &str, wrong: &[(&str, fn(), Kind)]) {
    for &(version, program, kind) in wrong {
        // Most are found where threads are seldom interrupted, and much sooner.
        let searched = Model::new(version)
            .preemptions(2)
            .explore(program)
            .and_then(|_| Model::new(version).explore(program));
        match searched {
            Ok(stats) => panic!("{subject}: {version} gets away with it: {stats:?}"),
            Err(failure) => assert_eq!(failure.kind, kind, "{version}: {failure}"),
        }
    }
    let all = wrong.len();
    println!("{subject}: wrong versions caught: {all}/{all}");
}

/// What [`caught`] asks for, one slip a line: its name, the program that finds it, and how
/// that fails. `for make` says what makes a wrong version of a slip.
macro_rules! slips {
    ($($Slip:ident: $program:ident, $Kind:ident;)*) => {
        $crate::modelled::slips! { for std::convert::identity, $($Slip: $program, $Kind;)* }
    };
    (for $make:path, $($Slip:ident: $program:ident, $Kind:ident;)*) => {
        [$((stringify!($Slip), || $program($make($Slip)), explorer::Kind::$Kind)),*]
    };
}
pub(crate) use slips;

/// Every ordering that these models use is needed: with any of them a step weaker, one of
/// the models fails. Except for those in `kept`, each the end of a line that `weaken` gives
/// ("state.swap: AcqRel -> Release"): the caller says why they stay.
#[track_caller]
pub(crate) fn needs_its_orderings(
    subject: &str,
    models: &[(&str, fn())],
    kept: &[&str],
) {
    let models: Vec<_> = models
        .iter()
        .map(|&(name, program)| (Model::new(name), program))
        .collect();
    these_need_their_orderings(subject, &models, kept);
}

/// As [`needs_its_orderings`], for models with limits of their own.
#[track_caller]
pub(crate) fn these_need_their_orderings(
    subject: &str,
    models: &[(Model, fn())],
    kept: &[&str],
) {
    let weakened =
        explorer::weaken(models).unwrap_or_else(|failure| panic!("{failure}"));
    table::keep(subject, &weakened);
    let (caught, missed): (Vec<_>, Vec<_>) =
        weakened.iter().partition(|it| it.caught.is_some());
    let missed: Vec<_> = missed.iter().map(ToString::to_string).collect();
    let is_kept =
        |line: &String| kept.iter().any(|end| line.contains(&format!(" {end}: ")));
    assert!(
        missed.iter().all(is_kept) && missed.len() == kept.len(),
        "{subject}: kept are {kept:?}, but no model fails with\n{}",
        missed.join("\n")
    );
    let (caught, all) = (caught.len(), weakened.len() - kept.len());
    println!("{subject}: weaker orderings caught: {caught}/{all}");
}
