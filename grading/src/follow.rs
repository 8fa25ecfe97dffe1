//! Follows a schedule to its end, also when nothing goes wrong.

use explorer::{Failure, Kind, Model};

use crate::child;

/// Follows `schedule`, and behind its end the defaults, until the program is over.
///
/// Returns the run, step by step. `None` means that the program came to its end.
#[track_caller]
pub fn follow(name: &str, schedule: &str, program: fn()) -> (Option<Kind>, Failure) {
    let program_name = format!("the given program along {name}");
    let ended = Model::new(program_name).replay(schedule, move || {
        program();
        // A run that goes well brings no record, so let each end with a panic.
        child::planned_panic("the program is over");
    });
    let failure = *ended.expect_err("a run that ends with a panic has failed");
    if failure.kind == Kind::BadSchedule {
        let sentence = format!("{name} can't be followed: {}", failure.sentence);
        child::reject(failure, sentence);
    }
    let is_over = failure.sentence.contains("the program is over");
    ((!is_over).then_some(failure.kind), failure)
}
