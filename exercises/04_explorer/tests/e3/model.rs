//! Graders of 04.3: the same run again, and what it says.

use std::cell::Cell;

use ::explorer::{Event, Failure, Kind, Model};

use super::on_model::answer;

grading::graders![
    which_step_reads_an_old_value,
    what_the_newest_value_was,
    which_lines_are_unordered,
    which_ordering_is_too_weak,
    a_run_with_nothing_old,
];

/// The run that is shown.
const SHOWN: &str = "1*2 0 0.1";

fn run(schedule: &str) -> Failure {
    let over = Cell::new(false);
    let ended = Model::new("one issue of a newspaper").replay(schedule, move || {
        answer::given::one_issue();
        over.set(true);
    });
    match ended {
        Err(failure) => *failure,
        Ok(_) => panic!(
            "after the schedule {schedule:?} the reader does not read at all: it must \
             look after the writer has said that the newspaper is out"
        ),
    }
}

#[track_caller]
fn asked<T>(name: &str, question: &str, answer: Option<T>) -> T {
    match answer {
        Some(answer) => answer,
        None => panic!("{name} is still None: {question}"),
    }
}

/// The first event whose text begins so.
fn event<'f>(failure: &'f Failure, text: &str) -> &'f Event {
    let found = failure
        .events
        .iter()
        .find(|event| event.text.starts_with(text));
    found.unwrap_or_else(|| panic!("newspaper.rs was changed: there is no {text}"))
}

/// The one that the report marks.
fn which_step_reads_an_old_value() {
    let question = "which load does not return what was stored last?";
    let step = asked("OLD_STEP", question, answer::OLD_STEP);
    let failure = run(SHOWN);
    let Some(event) = failure.events.iter().find(|event| event.step == step) else {
        panic!("there is no step {step} in the trace");
    };
    let what = &event.text;
    assert!(
        what.contains("load"),
        "step {step} is {what}: it reads nothing, so it reads nothing old"
    );
    assert!(
        event.old,
        "step {step} is {what}, and that is the newest value: nobody has overwritten it \
         by then"
    );
}

/// What the writer has stored last.
fn what_the_newest_value_was() {
    let question = "what was stored to the same location before that step?";
    let value = asked("NEWEST", question, answer::NEWEST);
    let failure = run(SHOWN);
    let store = &event(&failure, "pages.store").text;
    assert!(
        store.contains(&format!("({value},")),
        "NEWEST is {value}, but the trace says {store}, and that comes before the load \
         of `pages`"
    );
}

/// The two accesses to the cell.
fn which_lines_are_unordered() {
    let question = "which two lines does the first sentence of the report name?";
    let mut lines = asked("UNORDERED", question, answer::UNORDERED);
    lines.sort_unstable();
    let failure = run(SHOWN);
    for line in lines {
        let Some(event) = failure.events.iter().find(|event| event.line == line)
        else {
            panic!("no step of the trace is on line {line} of newspaper.rs");
        };
        let what = &event.text;
        assert!(
            what.contains("text"),
            "line {line} is {what}, and that is atomic: atomics may be used by several \
             threads without any order; what is plain memory here?"
        );
    }
    assert!(
        lines[0] != lines[1],
        "line {} is only one of the two: who else uses the same memory?",
        lines[0]
    );
}

/// The store that should have published everything.
fn which_ordering_is_too_weak() {
    let question = "which operation should have handed over what the writer knew?";
    let line = asked("TOO_WEAK", question, answer::TOO_WEAK);
    let failure = run(SHOWN);
    let right = event(&failure, "is_out.store").line;
    if line == right {
        return;
    }
    let Some(event) = failure.events.iter().find(|event| event.line == line) else {
        panic!("no step of the trace is on line {line} of newspaper.rs");
    };
    let what = &event.text;
    let why = if what.starts_with("is_out.load") {
        "that is an Acquire, and takes up whatever is attached to what it reads; is \
         anything attached?"
    } else if what.starts_with("pages.store") {
        "with Release there, somebody who loads `pages` with Acquire would see the text; \
         but the reader looks at something else first"
    } else if what.starts_with("pages.load") {
        "an Acquire takes up what is attached to the message that it reads, and does not \
         make it read a newer one"
    } else {
        "that is plain memory, and has no ordering"
    };
    panic!("line {line} is {what}: {why}");
}

/// The same without the choice of an old value.
fn a_run_with_nothing_old() {
    let schedule = answer::NOTHING_OLD;
    assert!(
        !schedule.is_empty(),
        "NOTHING_OLD is still empty: how does the report end, and what does the 1 behind \
         a dot in it mean?"
    );
    let shown = run(SHOWN);
    let failure = run(schedule);
    assert!(
        failure.kind != Kind::BadSchedule,
        "NOTHING_OLD can't be followed: {}",
        failure.sentence
    );
    if let Some(old) = failure.events.iter().find(|event| event.old) {
        panic!(
            "in step {} of NOTHING_OLD an old value is read: {}",
            old.step, old.text
        );
    }
    let order = |failure: &Failure| -> Vec<u32> {
        failure.events.iter().map(|event| event.line).collect()
    };
    assert!(
        order(&failure) == order(&shown),
        "NOTHING_OLD reads nothing old, but takes its steps in another order than the \
         trace: {}",
        failure.schedule
    );
}
