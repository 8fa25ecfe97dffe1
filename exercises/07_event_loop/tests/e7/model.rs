//! Graders of 07.7: the explorer follows the schedules, and the graders look what becomes of
//! the second request.

use ::explorer::{Failure, Kind};

use super::on_model::answer;
use answer::given;

grading::graders![
    the_event_comes_at_once,
    the_event_comes_in_between,
    another_one_is_armed,
];

/// The step in which that was done for the `n`th time, from 1.
fn step(run: &Failure, what: &str, n: usize) -> Option<usize> {
    let events = run
        .events
        .iter()
        .filter(|event| event.text.starts_with(what));
    events.map(|event| event.step).nth(n - 1)
}

/// Follows a schedule to the end, where nobody can go on, and returns the steps in which the
/// second request came, and in which the worker armed for the first time.
#[track_caller]
fn hangs(name: &str, schedule: &str) -> (Failure, usize, usize) {
    let program = given::arms_then_lets_go;
    let (kind, run) = grading::follow(name, schedule, program);
    match kind {
        Some(Kind::Deadlock | Kind::LostWakeUp) => {}
        None => {
            let sentence = format!(
                "{name}: both requests are answered: whenever the loop had an event, the \
                 worker had let go"
            );
            grading::reject(run, sentence);
        }
        Some(kind) => {
            let sentence = format!("{name}: {kind}: {}", run.sentence);
            grading::reject(run, sentence);
        }
    }
    let sent = step(&run, "sent.fetch_add", 2);
    let armed = step(&run, "armed.fetch_add", 1);
    match (sent, armed) {
        (Some(sent), Some(armed)) => (run, sent, armed),
        _ => {
            let sentence = format!("{name}: nobody can go on: {}", run.sentence);
            grading::reject(run, sentence)
        }
    }
}

/// What is there makes an event of the arming.
fn the_event_comes_at_once() {
    let (run, sent, armed) = hangs("AT_ONCE", answer::AT_ONCE);
    if sent > armed {
        let sentence = format!(
            "AT_ONCE: the worker arms in step {armed}, and the second request comes in step \
             {sent}: it has to be there before"
        );
        grading::reject(run, sentence);
    }
}

/// It is armed, and then something comes.
fn the_event_comes_in_between() {
    let (run, sent, armed) = hangs("IN_BETWEEN", answer::IN_BETWEEN);
    if sent < armed {
        let sentence = format!(
            "IN_BETWEEN: the second request comes in step {sent}, and the worker arms in \
             step {armed}: it has to be armed before"
        );
        grading::reject(run, sentence);
    }
}

/// The number is the same, and the connection is another one.
fn another_one_is_armed() {
    let name = "NOT_ITS_OWN";
    let program = given::lets_go_then_arms;
    let (kind, run) = grading::follow(name, answer::NOT_ITS_OWN, program);
    match kind {
        Some(Kind::Assertion) if run.sentence.contains("is another one now") => {}
        None => {
            let sentence = match step(&run, "opened.fetch_add", 1) {
                Some(_) => {
                    "the worker has armed 5 before the loop closed it: let it only let go"
                }
                None => {
                    "the loop has left the connection alone, since the worker had it in \
                     the step in which the loop looked"
                }
            };
            grading::reject(run, format!("{name}: {sentence}"));
        }
        Some(kind) => {
            let sentence = format!("{name}: {kind}: {}", run.sentence);
            grading::reject(run, sentence);
        }
    }
}
