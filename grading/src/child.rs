//! The child's end: runs one grader and says how it ended on the last line it writes.

use std::any::Any;
use std::io::{self, Write as _};
use std::panic::{self, Location, PanicHookInfo};
use std::path::{Component, Path, PathBuf};
use std::process;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use explorer::{Failure, Kind};
use serde::{Deserialize, Serialize};
use threadbare::testkit::{self, Watchdog};

use crate::Grader;
use crate::look::Look;
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
    pub(crate) report: String,
    pub(crate) schedule: Option<String>,
    pub(crate) note: Option<String>,
}

impl LastWord {
    fn new(outcome: Outcome, sentence: String) -> Self {
        Self {
            outcome,
            sentence,
            at: None,
            threads: Vec::new(),
            report: String::new(),
            schedule: None,
            note: None,
        }
    }

    /// What a model checker found.
    fn of_model(failure: &Failure, root: &str) -> Self {
        let at = failure.at.as_deref().map(|at| from_root(at, root));
        // A `todo!` needs no interleaving to be found.
        if let Some(rest) = failure.sentence.split_once(TODO).map(|(_, rest)| rest) {
            let sentence = format!("{NOT_WRITTEN}{rest}");
            return Self {
                at,
                ..Self::new(Outcome::Failed, sentence)
            };
        }
        let sentence = format!("{}: {}", failure.kind, failure.sentence);
        Self {
            at,
            ..Self::with_run(failure, sentence)
        }
    }

    /// A sentence, and the run that shows it.
    fn with_run(failure: &Failure, sentence: String) -> Self {
        let look = Look::find();
        Self {
            report: format!(
                "the model: {}\n{}",
                failure.model,
                failure.details(look.width, look.colour)
            ),
            schedule: Some(failure.schedule.clone()),
            ..Self::new(Outcome::Failed, sentence)
        }
    }
}

/// What a grader says of a run: see [`reject`].
#[derive(Debug)]
struct Rejected {
    run: Failure,
    sentence: String,
    at: String,
}

/// Fails the grader with a sentence of its own about the run of a model, and shows the run:
/// for what a model checker takes for right and the exercise does not.
#[track_caller]
pub fn reject(run: Failure, sentence: impl Into<String>) -> ! {
    let place = Location::caller();
    panic::resume_unwind(Box::new(Rejected {
        run,
        sentence: sentence.into(),
        at: format!("{}:{}", place.file(), place.line()),
    }))
}

/// What the panic of a `todo!` begins with.
const TODO: &str = "not yet implemented";

/// What models of this grader were too large to be searched to the end.
static TOO_LARGE: Mutex<Option<String>> = Mutex::new(None);

/// In the place of the model checker's own printing: a failure comes back as a panic, and
/// of a model that is too large a note is kept.
fn note(failure: &Failure) {
    if failure.kind == Kind::TooLarge {
        let note = format!("{}: {}", failure.kind, failure.sentence);
        let mut notes = TOO_LARGE.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get_or_insert(note);
    }
}

/// `path:line` as a reader writes it, from the top of the repository, without a `..`.
fn from_root(place: &str, root: &str) -> String {
    let mut path = PathBuf::new();
    for part in Path::new(place).components() {
        let back = part == Component::ParentDir;
        if !(back && path.file_name().is_some() && path.pop()) {
            path.push(part);
        }
    }
    let path = path.strip_prefix(root).unwrap_or(&path);
    path.to_string_lossy().replace('\\', "/")
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
            at: info.location().map(|place| {
                from_root(&format!("{}:{}", place.file(), place.line()), root)
            }),
            ..LastWord::new(Outcome::Failed, sentence_of(info))
        });
        // A panic on any thread ends the grader, not only one on its own thread.
        process::exit(101);
    }));
    explorer::set_reporter(note);
    let _watchdog = Watchdog::start(limit, move |threads| {
        let sentence = hang_sentence(&threads, limit);
        say(&LastWord {
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
            ..LastWord::new(Outcome::Hung, sentence)
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
            note: TOO_LARGE
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
            ..LastWord::new(Outcome::Passed, String::new())
        }),
        Err(payload) => say(&last_word_of(&*payload, root)),
    }
    process::exit(0);
}

/// What a grader says that ended by a panic which the hook has not seen.
fn last_word_of(payload: &(dyn Any + Send), root: &str) -> LastWord {
    if let Some(failure) = payload.downcast_ref::<Failure>() {
        return LastWord::of_model(failure, root);
    }
    if let Some(rejected) = payload.downcast_ref::<Rejected>() {
        return LastWord {
            at: Some(from_root(&rejected.at, root)),
            ..LastWord::with_run(&rejected.run, rejected.sentence.clone())
        };
    }
    // A planned one, and that came from a job.
    let sentence = format!(
        "a job's planned panic ({}) went through the answer to its caller",
        payload_text(payload)
    );
    LastWord::new(Outcome::Failed, sentence)
}

/// Writes the last word. Not through `println!`: a stuck thread may hold that lock.
fn say(word: &LastWord) {
    let json = serde_json::to_string(word).expect("plain text serialises");
    let _ = io::stderr().write_all(format!("\n{MARK}{json}\n").as_bytes());
}

fn sentence_of(info: &PanicHookInfo<'_>) -> String {
    let text = payload_text(info.payload());
    if let Some(rest) = text.strip_prefix(TODO) {
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

#[cfg(all(test, unix))]
mod tests {
    use super::from_root;

    #[test]
    fn a_place_is_told_from_the_top() {
        for place in [
            "/course/exercises/04/tests/e1/../common/follow.rs:15",
            "exercises/04/tests/e1/../common/follow.rs:15",
            "/course/exercises/04/src/../tests/common/follow.rs:15",
        ] {
            assert_eq!(
                from_root(place, "/course"),
                "exercises/04/tests/common/follow.rs:15"
            );
        }
    }
}
