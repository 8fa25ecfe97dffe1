//! What is solved: the verdicts of earlier runs, each kept under a hash of everything
//! that it depends on.
//!
//! A verdict counts as long as the answer, the exercise's graders, the frame that runs
//! them and the ground below the answer are what they were. So the map answers at once,
//! an edit takes a mark away by itself, and deleting `target/threadbare` only costs the
//! time to grade again.

use std::cell::OnceCell;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use grading::report::Verdict;
use serde::{Deserialize, Serialize};

use crate::catalog::{Course, Exercise};
use crate::place;

/// What every verdict depends on, whatever the exercise.
const FRAME: [&str; 4] = [
    "grading/src",
    "src/ground",
    "src/testkit.rs",
    "explorer/src",
];

/// How far a reader is with one exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The file is as it came.
    Untouched,
    /// Edited, and not graded since; or the graders have changed since.
    Ungraded,
    /// The last run could not build it.
    Broken,
    /// Some graders reject it.
    Failing {
        /// How many accept it.
        passed: usize,
        /// How many there are.
        graders: usize,
    },
    /// Every grader accepts it.
    Solved,
}

/// What is kept of one exercise's last run.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// Hash of what the verdicts depend on.
    key: String,
    /// Whether it failed to build; then there are no verdicts.
    broken: bool,
    verdicts: Vec<Verdict>,
}

/// The verdicts of earlier runs.
#[derive(Debug)]
pub(crate) struct Progress<'a> {
    course: &'a Course,
    dir: PathBuf,
    frame: OnceCell<u64>,
}

impl<'a> Progress<'a> {
    pub(crate) fn of(course: &'a Course) -> Self {
        let dir = place::cache(&course.root).join("graded");
        Self {
            course,
            dir,
            frame: OnceCell::new(),
        }
    }

    /// How far the reader is with `exercise`.
    pub(crate) fn state(&self, exercise: &Exercise) -> State {
        let Some(record) = self.record(exercise) else {
            return if self.untouched(exercise) {
                State::Untouched
            } else {
                State::Ungraded
            };
        };
        if record.broken {
            return State::Broken;
        }
        let graders = record.verdicts.len();
        let passed = record
            .verdicts
            .iter()
            .filter(|verdict| verdict.passed())
            .count();
        if graders > 0 && passed == graders {
            State::Solved
        } else if self.untouched(exercise) {
            State::Untouched
        } else {
            State::Failing { passed, graders }
        }
    }

    /// The first exercise that is not solved, after `after` if that is given, and round
    /// to the beginning.
    pub(crate) fn next(&self, after: Option<&Exercise>) -> Option<&'a Exercise> {
        let all: Vec<&Exercise> = self.course.exercises().collect();
        let start = after.and_then(|after| all.iter().position(|one| *one == after));
        let start = start.map_or(0, |index| index + 1);
        let (before, rest) = all.split_at(start.min(all.len()));
        rest.iter()
            .chain(before)
            .find(|exercise| self.state(exercise) != State::Solved)
            .copied()
    }

    /// Keeps what a run found out. That it can't be kept costs time, not more.
    pub(crate) fn store(
        &self,
        exercise: &Exercise,
        verdicts: &[Verdict],
        broken: bool,
    ) {
        let record = Record {
            key: self.key(exercise),
            broken,
            verdicts: verdicts.to_vec(),
        };
        let Ok(text) = serde_json::to_string_pretty(&record) else {
            return;
        };
        let file = self.file(exercise);
        // Written beside and moved, so that a reader of it never sees half of it.
        let beside = file.with_extension("new");
        let _ = fs::create_dir_all(&self.dir)
            .and_then(|()| fs::write(&beside, text))
            .and_then(|()| fs::rename(&beside, &file));
    }

    fn record(&self, exercise: &Exercise) -> Option<Record> {
        let text = fs::read_to_string(self.file(exercise)).ok()?;
        let record: Record = serde_json::from_str(&text).ok()?;
        (record.key == self.key(exercise)).then_some(record)
    }

    fn file(&self, exercise: &Exercise) -> PathBuf {
        self.dir.join(format!("{}.json", exercise.id()))
    }

    /// Whether the reader's file is still the stub.
    pub(crate) fn untouched(&self, exercise: &Exercise) -> bool {
        let root = &self.course.root;
        match (
            fs::read(root.join(exercise.answer())),
            fs::read(root.join(exercise.stub())),
        ) {
            (Ok(answer), Ok(stub)) => answer == stub,
            _ => false,
        }
    }

    fn key(&self, exercise: &Exercise) -> String {
        let root = &self.course.root;
        let frame = *self.frame.get_or_init(|| {
            let mut hasher = DefaultHasher::new();
            for part in FRAME {
                hash_tree(&root.join(part), &mut hasher);
            }
            hasher.finish()
        });
        let mut hasher = DefaultHasher::new();
        frame.hash(&mut hasher);
        hash_tree(&root.join(exercise.answer()), &mut hasher);
        hash_tree(&root.join(exercise.graders()), &mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

/// Names and contents of a file, or of all files below a folder. What can't be read
/// counts as empty.
fn hash_tree(path: &Path, hasher: &mut DefaultHasher) {
    if let Some(name) = path.file_name() {
        name.hash(hasher);
    }
    let Ok(entries) = fs::read_dir(path) else {
        fs::read(path).unwrap_or_default().hash(hasher);
        return;
    };
    let mut below: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).collect();
    below.sort();
    below.len().hash(hasher);
    for path in below {
        hash_tree(&path, hasher);
    }
}
