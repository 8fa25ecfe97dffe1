//! Graders of 02.5: the explorer follows the schedules until nobody can go on.

use explorer::{Failure, Kind};

use super::on_model::answer;

grading::graders![
    those_who_take_the_left_fork_first,
    those_who_look_first,
    those_who_call_the_waiter,
];

/// Follows a schedule; returns the run if the program came to its end.
#[track_caller]
fn ends_well(name: &str, schedule: &str, program: fn()) -> Option<Failure> {
    for step in schedule.split_whitespace() {
        // What a report of the model checker prints has choices as well, as in 1.1.
        let is_step = step.starts_with(|first: char| first.is_ascii_digit())
            && step.ends_with(|last: char| last.is_ascii_digit())
            && step.chars().all(|c| c.is_ascii_digit() || "*.".contains(c));
        assert!(
            is_step,
            "{name} can't be followed: `{step}` is no step; a step is the number of a \
             philosopher, as in 1, or that with a count, as in 1*2, with a space between \
             one step and the next"
        );
    }
    let (kind, run) = grading::follow(name, schedule, program);
    (kind != Some(Kind::Deadlock)).then_some(run)
}

fn those_who_take_the_left_fork_first() {
    let program = answer::given::left_first;
    if let Some(run) = ends_well("LEFT_FIRST", answer::LEFT_FIRST, program) {
        grading::reject(
            run,
            "LEFT_FIRST lets all three philosophers eat: which fork must each of them \
             hold, so that each waits for its neighbour?",
        );
    }
}

fn those_who_look_first() {
    let program = answer::given::polite;
    let Some(run) = ends_well("POLITE", answer::POLITE, program) else {
        return;
    };
    let in_vain = run
        .events
        .iter()
        .find(|event| event.text.starts_with("finds "));
    let why = match in_vain {
        Some(event) => format!(
            "philosopher {} looks in step {}, when the right fork is taken, and does \
             without; when must each of them look?",
            event.thread, event.step
        ),
        None => {
            "each of them finds the right fork there, and gets it; what may happen \
                 between a look and the taking?"
                .to_owned()
        }
    };
    grading::reject(run, format!("POLITE lets everybody get up again: {why}"));
}

fn those_who_call_the_waiter() {
    let program = answer::given::waiter;
    if let Some(run) = ends_well("WAITER", answer::WAITER, program) {
        grading::reject(
            run,
            "WAITER lets both philosophers eat: what does each of them need to go on, \
             once it has both forks, and who may have just that?",
        );
    }
}
