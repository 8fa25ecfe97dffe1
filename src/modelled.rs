//! What the unit tests ask of the model checker, in two sentences: this holds in every
//! order, and these versions, wrong by a line, do not get away with it.
//!
//! A property that no wrong version fails would prove nothing.

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
#[track_caller]
pub(crate) fn holds(name: &str, program: fn()) {
    match Model::new(name).explore(program) {
        Ok(stats) => assert!(stats.complete, "{name}: {stats:?}"),
        Err(failure) => panic!("{failure}"),
    }
}

/// Each of these programs, which run a wrong version, must fail in the way given with it.
/// Prints how many did.
#[track_caller]
pub(crate) fn caught(subject: &str, wrong: &[(&str, fn(), Kind)]) {
    for &(version, program, kind) in wrong {
        match Model::new(version).explore(program) {
            Ok(stats) => panic!("{subject}: {version} gets away with it: {stats:?}"),
            Err(failure) => assert_eq!(failure.kind, kind, "{version}: {failure}"),
        }
    }
    let all = wrong.len();
    println!("{subject}: wrong versions caught: {all}/{all}");
}
