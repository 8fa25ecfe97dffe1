//! Who ran, stole, parked and woke, and when: recorded by a traced pool.

use std::fmt::Write as _;

use crate::ground::sync::Mutex;
use crate::ground::time::Instant;

/// What a worker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Begins to run a job; may be inside another.
    Runs,
    /// Has run it.
    Ran,
    /// Has stolen from this worker.
    Stole(usize),
    /// Goes to sleep.
    Parks,
    /// Has woken up.
    Wakes,
}

/// Keeps what the workers of a pool do.
#[derive(Debug)]
pub(super) struct Recorder {
    started: Instant,
    notes: Mutex<Vec<(usize, Instant, What)>>,
}

impl Recorder {
    /// For a pool of at most `threads`.
    pub(super) fn new(threads: usize) -> Self {
        let _ = threads;
        Self {
            started: Instant::now(),
            notes: Mutex::new(Vec::new()),
        }
    }

    /// Worker `worker` says what it does.
    pub(super) fn note(&self, worker: usize, what: What) {
        self.notes.lock().unwrap().push((worker, Instant::now(), what));
    }

    /// What was recorded so far.
    pub(super) fn trace(&self) -> Trace {
        let notes = self.notes.lock().unwrap();
        let mut text = String::new();
        for (worker, when, what) in &*notes {
            let at = when.duration_since(self.started);
            let _ = writeln!(text, "{worker} {at:?} {what:?}");
        }
        Trace { text }
    }
}

/// What the workers of a traced pool did.
#[derive(Clone, Debug)]
pub struct Trace {
    text: String,
}

impl Trace {
    /// A figure with a lane for each worker.
    #[must_use]
    pub fn to_svg(&self) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><desc>{}</desc></svg>", self.text)
    }
}
