//! Graders of 04.2: the explorer follows the schedules until nobody can go on.

#[path = "../common/follow.rs"]
mod follow;

use ::explorer::Kind;

use super::on_model::answer;

grading::graders![three_threads_deadlock, a_wake_up_is_lost];

/// Each holds one lock and wants the next.
fn three_threads_deadlock() {
    let program = answer::accounts::three_transfers;
    let (kind, _) = follow::follow("DEADLOCKS", answer::DEADLOCKS, program);
    assert!(
        kind == Some(Kind::Deadlock),
        "DEADLOCKS lets all three threads get through: who has to hold which lock so \
         that each waits for the next?"
    );
}

/// The bell is rung before the thread sleeps.
fn a_wake_up_is_lost() {
    let program = answer::doorbell::somebody_rings;
    let (kind, failure) =
        follow::follow("SLEEPS_FOR_EVER", answer::SLEEPS_FOR_EVER, program);
    let slept = failure
        .events
        .iter()
        .any(|event| event.text.contains("wait"));
    assert!(
        matches!(kind, Some(Kind::LostWakeUp | Kind::Deadlock)),
        "SLEEPS_FOR_EVER ends well: {}",
        if slept {
            "thread 1 was asleep when the bell was rung, and that woke it; when must \
             it be rung so that nobody hears it?"
        } else {
            "thread 1 saw that somebody is at the door, and did not go to sleep at all; \
             when must it look?"
        }
    );
}
