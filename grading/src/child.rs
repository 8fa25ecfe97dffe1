//! The child's end: runs one grader and says how it ended on the last line it writes.

use std::any::Any;
use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};
use std::path::Path;
use std::process;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use threadbare::testkit::{self, Watchdog};

use crate::Grader;
use crate::report::{Outcome, StuckThread};

/// Set, to anything, in the environment of a child.
pub(crate) const CHILD: &str = "THREADBARE_CHILD";

/// What stands before the child's own words in its output: nothing that an answer prints.
pub(crate) const MARK: &str = "\u{1e}threadbare verdict ";

/// What the sentence of a `todo!` begins with.
pub(crate) const NOT_WRITTEN: &str = "not written yet";

/// What the child says of its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastWord {
    pub(crate) outcome: Outcome,
    pub(crate) sentence: String,
    pub(crate) at: Option<String>,
    pub(crate) threads: Vec<StuckThread>,
}

/// Ends the calling thread as a panic with `payload` does, without the grader taking it for
/// a failure: for jobs that are supposed to panic.
pub fn planned_panic<M: Any + Send>(payload: M) -> ! {
    // Unwinds without a call to the panic hook, which is what ends a child.
    panic::resume_unwind(Box::new(payload))
}

/// Runs `grader` and ends the process.
pub(crate) fn run(grader: Grader, root: &'static str, limit: Duration) -> ! {
    panic::set_hook(Box::new(move |info| {
        say(&LastWord {
            outcome: Outcome::Failed,
            sentence: sentence_of(info),
            at: info.location().map(|place| {
                let file = Path::new(place.file());
                let file = file.strip_prefix(root).unwrap_or(file);
                format!(
                    "{}:{}",
                    file.to_string_lossy().replace('\\', "/"),
                    place.line()
                )
            }),
            threads: Vec::new(),
        });
        // A panic on any thread ends the grader, not only one on its own thread.
        process::exit(101);
    }));
    let _watchdog = Watchdog::start(limit, move |threads| {
        say(&LastWord {
            outcome: Outcome::Hung,
            sentence: hang_sentence(&threads, limit),
            at: None,
            threads: threads
                .into_iter()
                // It only waits for the grader.
                .filter(|thread| thread.name != "main")
                .map(|thread| StuckThread {
                    name: thread.name,
                    step: thread.step,
                    kernel: thread.kernel,
                })
                .collect(),
        });
        process::exit(102);
    });
    // The name shows in the report of a hang.
    let thread = std::thread::Builder::new()
        .name("grader".to_owned())
        .spawn(grader.run);
    let ended = match thread {
        Ok(thread) => thread.join(),
        Err(error) => panic!("the grader needs a thread: {error}"),
    };
    match ended {
        Ok(()) => say(&LastWord {
            outcome: Outcome::Passed,
            sentence: String::new(),
            at: None,
            threads: Vec::new(),
        }),
        // The hook saw every panic but a planned one, and that came from a job.
        Err(payload) => say(&LastWord {
            outcome: Outcome::Failed,
            sentence: format!(
                "a job's planned panic ({}) went through the answer to its caller",
                payload_text(&*payload)
            ),
            at: None,
            threads: Vec::new(),
        }),
    }
    process::exit(0);
}

/// Writes the last word. Not through `println!`: a stuck thread may hold that lock.
fn say(word: &LastWord) {
    let json = serde_json::to_string(word).expect("plain text serialises");
    let _ = io::stderr().write_all(format!("\n{MARK}{json}\n").as_bytes());
}

fn sentence_of(info: &PanicHookInfo<'_>) -> String {
    let text = payload_text(info.payload());
    if let Some(rest) = text.strip_prefix("not yet implemented") {
        return format!("{NOT_WRITTEN}{rest}");
    }
    // `assert_eq!(a, b, "sentence")`: the sentence first, the values after it.
    for side in ["==", "!="] {
        let lead = format!("assertion `left {side} right` failed: ");
        if let Some(rest) = text.strip_prefix(&lead) {
            return rest.to_owned();
        }
    }
    let name = std::thread::current()
        .name()
        .unwrap_or("unnamed")
        .to_owned();
    if name == "grader" {
        text
    } else {
        format!("{text} (on thread {name})")
    }
}

fn payload_text(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a payload that is no text".to_owned()
    }
}

fn hang_sentence(threads: &[testkit::ThreadState], limit: Duration) -> String {
    let stuck = threads.iter().find(|thread| thread.name == "grader");
    let mut text = format!("not finished after {} s", limit.as_secs_f32());
    match stuck.and_then(|thread| thread.step.as_deref()) {
        Some(step) => text.push_str(&format!("; the grader was {step}")),
        None => text.push_str(": a thread waits for ever, or a loop has no end"),
    }
    text
}
