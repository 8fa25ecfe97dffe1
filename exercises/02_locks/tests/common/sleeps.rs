//! Whether a thread that waits sleeps, asked of the model checker.

use std::panic;

use ::explorer::{Failure, Kind, Model};

/// As many steps as no thread takes on its way to bed.
const STEPS: usize = 200;

/// Runs a program in which somebody waits for what will never come, and fails unless all
/// who wait sleep until they are woken. `who` is the subject of the sentence.
#[track_caller]
pub fn must_sleep(who: &str, program: fn()) {
    let name = format!("{who}, and nothing ever comes");
    let Err(failure) = Model::new(name).steps(STEPS).explore(program) else {
        panic!("{who} does not wait: it returned, and nobody had done anything");
    };
    panic_if_awake(who, failure);
}

/// The same, of a wait that comes to its end when its time limit is over.
#[allow(dead_code, reason = "not every exercise has a time limit")]
#[track_caller]
pub fn must_sleep_until(who: &str, program: fn()) {
    let name = format!("{who}, and nothing comes");
    let Err(failure) = Model::new(name).steps(STEPS).explore(program) else {
        return;
    };
    panic_if_awake(who, failure);
}

#[track_caller]
fn panic_if_awake(who: &str, failure: Box<Failure>) {
    match failure.kind {
        Kind::Deadlock | Kind::LostWakeUp => {}
        Kind::Livelock => {
            let at = failure.at.as_deref().unwrap_or_default();
            let place = at.rsplit(['/', '\\']).next().unwrap_or_default();
            panic!(
                "{who} does not sleep, at {place}: it asks again and again, perhaps with \
                 pauses, and should sleep until it is woken"
            );
        }
        _ => panic::resume_unwind(failure),
    }
}
