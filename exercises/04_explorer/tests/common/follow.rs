//! Follows a schedule and shows every step of it, also when nothing goes wrong.

use ::explorer::{Failure, Kind, Model};

/// Follows `schedule`, and behind its end the defaults, until the program is over.
///
/// What happened is printed. `None` means that the program came to its end.
pub fn follow(name: &str, schedule: &str, program: fn()) -> (Option<Kind>, Failure) {
    let ended = Model::new(name).replay(schedule, move || {
        program();
        // A run that goes well brings no record, so let each end with a panic.
        grading::planned_panic("the program is over");
    });
    let failure = *ended.expect_err("a run that ends with a panic has failed");
    if !failure.events.is_empty() {
        show(&failure);
    }
    assert!(
        failure.kind != Kind::BadSchedule,
        "{name} can't be followed: {}",
        failure.sentence
    );
    let is_over = failure.sentence.contains("the program is over");
    ((!is_over).then_some(failure.kind), failure)
}

/// One column for each thread, one line for each step.
fn show(failure: &Failure) {
    let names = failure.threads.iter();
    let head: String = names.map(|name| format!("   {name:26}")).collect();
    println!("step{}", head.trim_end());
    for event in &failure.events {
        let old = if event.old { "  (old)" } else { "" };
        let indent = " ".repeat(29 * event.thread);
        println!("{:4}   {indent}{}{old}", event.step, event.text);
    }
}
