//! How often a program's first thread calls the kernel, as the model checker sees it.

use std::panic;

use super::super::on_model::ground::Named as _;
use super::super::on_model::ground::atomic::{AtomicU32, Ordering::Relaxed};
use ::explorer::{Event, Model};

const MARK: &str = "from here on";

/// The text of the panic that ends a program which has gone well.
const END: &str = "this is the end, and all went well";

/// Said by a program: what its first thread does from now on is judged.
pub fn from_here_on() {
    AtomicU32::new(0).named(MARK).store(1, Relaxed);
}

/// Said by a program at its end: a run that goes well brings no record, so let it end with a
/// panic.
pub fn the_end() -> ! {
    panic!("{END}")
}

/// Runs a program once, and fails if its first thread makes more than `most` calls. `what`
/// is what it does, as the beginning of the sentence.
#[track_caller]
pub fn at_most(most: usize, what: &str, program: fn()) {
    let ended = Model::new(what).spurious(false).replay("", program);
    let failure = ended.expect_err("it ends with a panic");
    if !failure.sentence.contains(END) {
        // Something else went wrong on the way.
        panic::resume_unwind(failure);
    }
    let own = failure.events.iter().filter(|event| event.thread == 0);
    let judged = own.skip_while(|event| !event.text.contains(MARK)).skip(1);
    let calls: Vec<_> = judged.filter(|event| is_call(event)).cloned().collect();
    if let Some(call) = calls.get(most) {
        let file = call.file.rsplit(['/', '\\']).next().unwrap_or_default();
        let count = calls.len();
        let times = if count == 1 { "time" } else { "times" };
        let sentence = format!(
            "{what}, and the kernel is called {count} {times}: {} at {file}:{}",
            call.text, call.line
        );
        grading::reject(*failure, sentence);
    }
}

/// Whether the kernel is asked to wake somebody, or to let one sleep.
fn is_call(event: &Event) -> bool {
    let calls = ["wake(", "wait(", "unparks", "parks"];
    calls.iter().any(|call| event.text.starts_with(call))
}
