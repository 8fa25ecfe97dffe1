//! Graders of 06.5: the explorer follows the schedules, and the graders look who runs what
//! until nobody can go on.

use ::explorer::{Event, Failure, Kind};

use super::on_model::answer;
use answer::given;

grading::graders![both_wait_at_once, both_wait_later, one_waits_for_itself];

/// Follows a schedule to the end, where nobody can go on.
#[track_caller]
fn follow(name: &str, schedule: &str, program: fn(), jobs: usize) -> Failure {
    let (kind, run) = grading::follow(name, schedule, program);
    match kind {
        Some(Kind::Deadlock | Kind::LostWakeUp) => run,
        None => {
            let sentence = format!(
                "{name}: all {jobs} jobs have ended: somebody was there to run each part"
            );
            grading::reject(run, sentence)
        }
        Some(kind) => {
            let sentence = format!("{name}: {kind}: {}", run.sentence);
            grading::reject(run, sentence)
        }
    }
}

/// The steps that begin a job, or a part.
fn begun<'a>(run: &'a Failure, what: &str) -> Vec<&'a Event> {
    let text = format!("reads {what} ");
    let events = run.events.iter();
    events
        .filter(|event| event.text.starts_with(&text))
        .collect()
}

/// "part 3" of "reads part 3, and runs it".
fn name(event: &Event) -> &str {
    let text = event.text.trim_start_matches("reads ");
    text.split(',').next().unwrap_or_default()
}

/// Each of the two has a job, and nobody is left for the parts.
fn both_wait_at_once() {
    let program = given::jobs_that_wait;
    let run = follow("AT_ONCE", answer::AT_ONCE, program, 3);
    if let Some(part) = begun(&run, "part").first() {
        let sentence = format!(
            "AT_ONCE: nobody can go on, but thread {} has run {} before: none is to be run",
            part.thread,
            name(part)
        );
        grading::reject(run, sentence);
    }
}

/// It goes well for a while.
fn both_wait_later() {
    let run = follow("LATER", answer::LATER, given::jobs_that_wait, 3);
    // Two of those that have begun are still waiting.
    let ended = begun(&run, "job").len().saturating_sub(2);
    if ended != 1 {
        let sentence = format!(
            "LATER: nobody can go on, and {ended} of the 3 jobs have ended: it has to be 1"
        );
        grading::reject(run, sentence);
    }
}

/// Helping is no help against a lock that one holds oneself.
fn one_waits_for_itself() {
    let program = given::jobs_that_lock_and_wait;
    let run = follow("FOR_ITSELF", answer::FOR_ITSELF, program, 2);
    let waits_for_itself = [1, 2].iter().any(|thread| {
        let begins = format!("thread {thread} waits at");
        let ends = format!("for table, which thread {thread} holds");
        let mut parts = run.sentence.split(';').map(str::trim);
        parts.any(|part| part.starts_with(&begins) && part.ends_with(&ends))
    });
    if !waits_for_itself {
        let sentence = format!(
            "FOR_ITSELF: nobody can go on, but no thread waits for a lock that it holds \
             itself: {}",
            run.sentence
        );
        grading::reject(run, sentence);
    }
}
