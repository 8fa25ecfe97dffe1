//! Graders of 04.2: the explorer follows the schedules until nobody can go on.

use ::explorer::Kind;

use super::on_model::answer;

grading::graders![three_threads_deadlock, a_wake_up_is_lost];

/// Each holds one lock and wants the next.
fn three_threads_deadlock() {
    let program = answer::accounts::three_transfers;
    let (kind, run) = grading::follow("DEADLOCKS", answer::DEADLOCKS, program);
    if kind != Some(Kind::Deadlock) {
        grading::reject(
            run,
            "DEADLOCKS lets all three threads get through: who has to hold which lock \
             so that each waits for the next?",
        );
    }
}

/// The bell is rung before the thread sleeps.
fn a_wake_up_is_lost() {
    let program = answer::doorbell::somebody_rings;
    let (kind, run) =
        grading::follow("SLEEPS_FOR_EVER", answer::SLEEPS_FOR_EVER, program);
    if matches!(kind, Some(Kind::LostWakeUp | Kind::Deadlock)) {
        return;
    }
    let slept = run.events.iter().any(|event| event.text.contains("wait"));
    let why = if slept {
        "thread 1 was asleep when the bell was rung, and that woke it; when must it be \
         rung so that nobody hears it?"
    } else {
        "thread 1 saw that somebody is at the door, and did not go to sleep at all; \
         when must it look?"
    };
    grading::reject(run, format!("SLEEPS_FOR_EVER ends well: {why}"));
}
