//! What a thread asks of the kernel, as the model checker sees it: a program is run once,
//! to its end, and what it did from a certain point on is looked at.

use std::panic;

use super::super::on_model::ground::Named as _;
use super::super::on_model::ground::atomic::{AtomicU32, Ordering::Relaxed};
use ::explorer::{Event, Failure, Kind, Model};

/// The text of the panic that ends a program which has gone well.
const END: &str = "this is the end, and all went well";

/// Called by a program with what it is to be judged by: all that its root does from here
/// to the end. By then all other threads have ended.
pub fn from_here_on(judged: impl FnOnce()) -> ! {
    let mark = AtomicU32::new(0).named("from here on");
    mark.store(1, Relaxed);
    judged();
    panic!("{END}");
}

/// Runs a program that ends with [`from_here_on`], and fails if what is judged calls the
/// kernel. `what` is what it does, as the beginning of the sentence.
#[allow(dead_code, reason = "each exercise asks one of these")]
#[track_caller]
pub fn must_not_call(what: &str, program: fn()) {
    refuse_calls(what, run(what, program));
}

/// As [`must_not_call`], and also if the root cuts the others off: after each number of
/// steps once, as long as it can take one itself. So it comes between any two steps on
/// their way to bed.
#[allow(dead_code, reason = "not each exercise asks this")]
#[track_caller]
pub fn must_not_call_whenever(what: &str, program: fn()) {
    let failure = run(what, program);
    let mut steps = Vec::new();
    for turn in failure.schedule.split_whitespace() {
        let (thread, times) = turn.split_once('*').unwrap_or((turn, "1"));
        let times = times.parse().expect("a report writes a number there");
        steps.extend(std::iter::repeat_n(thread.to_owned(), times));
    }
    refuse_calls(what, failure);
    for taken in 1..=steps.len() {
        let schedule = format!("{} 0", steps[..taken].join(" "));
        if let Some(failure) = run_along(&schedule, what, program) {
            refuse_calls(what, failure);
        }
    }
}

/// Fails if what is judged calls the kernel.
#[track_caller]
fn refuse_calls(what: &str, failure: Box<Failure>) {
    let Some(call) = judged(&failure).find_map(call_of) else {
        return;
    };
    let sentence = format!("{what}, and {call}");
    grading::reject(*failure, sentence);
}

/// As [`must_not_call`], but what is judged may take a lock, and only wakes nobody.
#[allow(dead_code, reason = "each exercise asks one of these")]
#[track_caller]
pub fn must_not_wake(what: &str, program: fn()) {
    let failure = run(what, program);
    let call = judged(&failure)
        .filter(|event| event.text.starts_with("wake("))
        .find_map(call_of);
    if let Some(call) = call {
        let sentence = format!("{what}, and {call}");
        grading::reject(*failure, sentence);
    }
}

/// As [`must_not_call`], but the kernel may be called, if it is by the futex.
#[allow(dead_code, reason = "each exercise asks one of these")]
#[track_caller]
pub fn must_be_own(what: &str, program: fn()) {
    let failure = run(what, program);
    let Some(call) = judged(&failure).find_map(foreign) else {
        return;
    };
    let sentence = format!("{what}, and {call}");
    grading::reject(*failure, sentence);
}

/// The program's run, as a failure: that is what has a record of its steps.
#[track_caller]
fn run(name: &str, program: fn()) -> Box<Failure> {
    run_along("", name, program)
        .expect("nothing to follow, and so nothing goes wrong")
}

/// As [`run`], along a schedule; `None` if it can't be followed.
#[track_caller]
fn run_along(schedule: &str, name: &str, program: fn()) -> Option<Box<Failure>> {
    let ended = Model::new(name).spurious(false).replay(schedule, program);
    let Err(failure) = ended else {
        panic!("{name}: the program of this grader ends with a panic");
    };
    if failure.kind == Kind::BadSchedule {
        return None;
    }
    if failure.kind != Kind::Assertion || !failure.sentence.contains(END) {
        // Something else went wrong on the way.
        panic::resume_unwind(failure);
    }
    Some(failure)
}

/// What the root did from the mark on.
fn judged(failure: &Failure) -> impl Iterator<Item = &Event> {
    let own = failure.events.iter().filter(|event| event.thread == 0);
    own.skip_while(|event| !event.text.contains("from here on"))
        .skip(1)
}

/// What an event asks of the kernel, in words.
fn call_of(event: &Event) -> Option<String> {
    let (at, text) = (place(event), event.text.as_str());
    if text.starts_with("wake(") {
        return Some(format!(
            "futex is called to wake somebody at {at}: a system call for nothing"
        ));
    }
    if text.starts_with("wait(") {
        return Some(format!("futex::wait is called at {at}: {text}"));
    }
    foreign(event)
}

/// What an event does with a lock or a queue of the ground, in words.
fn foreign(event: &Event) -> Option<String> {
    let (at, text) = (place(event), event.text.as_str());
    let theirs = ["locks ", "waits for ", "finds ", "notify(", "unparks"];
    theirs.iter().any(|one| text.starts_with(one)).then(|| {
        format!(
            "at {at} it {text}: that is somebody else's lock or queue, and yours is made \
             of an atomic and the futex"
        )
    })
}

/// `file:line`
fn place(event: &Event) -> String {
    let file = event.file.rsplit(['/', '\\']).next().unwrap_or_default();
    format!("{file}:{}", event.line)
}
