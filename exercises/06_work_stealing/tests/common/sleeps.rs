//! Whether a thread that waits sleeps, asked of the model checker.

use std::panic;

use ::explorer::{Kind, Model};

/// As many steps as no thread takes on its way to bed. Rounds of a loop that says so, by
/// `spin_loop`, are not counted.
const STEPS: usize = 300;

/// Runs a program in which somebody waits for what never comes. That is a deadlock, and
/// meant to be one: fails unless all who wait sleep until they are woken. `who` is the
/// subject of the sentence.
#[track_caller]
pub fn must_sleep(who: &str, program: fn()) {
    let name = format!("{who}, and nothing ever comes");
    let Err(failure) = Model::new(name).steps(STEPS).explore(program) else {
        panic!("{who} does not wait: it returned, and nobody had done anything");
    };
    match failure.kind {
        Kind::Deadlock | Kind::LostWakeUp => {}
        Kind::Livelock => {
            let at = failure.at.as_deref().unwrap_or_default();
            let place = at.rsplit(['/', '\\']).next().unwrap_or_default();
            let sentence = format!(
                "{who} does not sleep, at {place}: it asks again and again, perhaps with \
                 pauses, and should sleep until it is woken"
            );
            grading::reject(*failure, sentence)
        }
        // Something else went wrong on the way.
        _ => panic::resume_unwind(failure),
    }
}
