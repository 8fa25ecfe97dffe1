//! Graders of 04.1: the explorer follows the schedules.

use std::cell::Cell;

use ::explorer::Failure;

use super::on_model::answer;

grading::graders![an_update_is_lost, an_update_is_lost_in_turn];

thread_local! {
    /// Where the counter ended in the last run.
    static ENDED_WITH: Cell<u32> = const { Cell::new(0) };
}

#[track_caller]
fn run(name: &str, schedule: &str) -> Failure {
    let program = || ENDED_WITH.set(answer::given::both_count());
    let (_, failure) = grading::follow(name, schedule, program);
    let counter = ENDED_WITH.get();
    if counter < 2 {
        return failure;
    }
    let why = if failure.events.iter().any(|event| event.old) {
        "an old value was read, but not by a load that an addition starts with"
    } else {
        "each thread found what the other had stored"
    };
    let ends = format!("{name} ends with the counter at {counter}");
    grading::reject(failure, format!("{ends}, so nothing is lost: {why}"))
}

/// Any way will do.
fn an_update_is_lost() {
    run("LOSES", answer::LOSES);
}

/// One thread after the other, so it takes an old value.
fn an_update_is_lost_in_turn() {
    let failure = run("LOSES_IN_TURN", answer::LOSES_IN_TURN);
    let steps = |thread| {
        let of_it = failure
            .events
            .iter()
            .filter(move |event| event.thread == thread);
        of_it
            .filter(|event| event.text.starts_with("counter."))
            .map(|event| event.step)
    };
    let last_of_one = steps(1).max().unwrap_or_default();
    let first_of_two = steps(2).min().unwrap_or_default();
    if last_of_one >= first_of_two {
        let sentence = format!(
            "LOSES_IN_TURN loses an update, but thread 2 begins in step {first_of_two}, \
             before thread 1 is done in step {last_of_one}: let 1 take both of its \
             steps first, and ask which value the load of 2 may still read"
        );
        grading::reject(failure, sentence);
    }
}
