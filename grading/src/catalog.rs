//! What the course has: its chapters, and from each `exercises.toml` the exercises.
//!
//! That file is the one source for the book's list of exercises, the map, and the hints.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::imports;

/// Key and title of every chapter, in order, written or not.
pub const CHAPTERS: [(&str, &str); 13] = [
    ("00_measuring", "Measuring"),
    ("01_threads", "Threads"),
    ("02_locks", "Locks in use"),
    ("03_atomics", "Atomics and memory ordering"),
    ("04_explorer", "A model checker that grades you"),
    ("05_futex_locks", "Locks from one futex word"),
    ("06_work_stealing", "The work-stealing pool"),
    ("07_event_loop", "One thread, many sockets"),
    ("08_completions", "Timers and completions"),
    ("09_http_parser", "The HTTP parser"),
    ("10_http_server", "The single-threaded server"),
    ("11_pooled_server", "The pooled server"),
    ("12_async", "Futures by hand"),
];

/// What the reader does in an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Kind {
    /// Write it.
    #[serde(rename = "implement")]
    Implement,
    /// Find what is wrong and mend it.
    #[serde(rename = "repair")]
    Repair,
    /// Give the schedule that makes it fail.
    #[serde(rename = "break it")]
    BreakIt,
    /// Choose the weakest memory orderings that are still right.
    #[serde(rename = "weakest ordering")]
    WeakestOrdering,
    /// Say what a measurement will show, then see.
    #[serde(rename = "predict then measure")]
    PredictThenMeasure,
    /// Say what happened from a record of it.
    #[serde(rename = "read a trace")]
    ReadATrace,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Implement => "implement",
            Self::Repair => "repair",
            Self::BreakIt => "break it",
            Self::WeakestOrdering => "weakest ordering",
            Self::PredictThenMeasure => "predict then measure",
            Self::ReadATrace => "read a trace",
        })
    }
}

/// Whether the model checker grades an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// There is nothing in it for a model.
    None,
    /// It does.
    Graded,
}

/// One exercise, as its chapter's `exercises.toml` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// The chapter's key: `01_threads`. Not in the entry itself.
    #[serde(skip)]
    pub chapter: String,
    /// 1, 2 ...: `cargo grade 01.2`.
    pub number: u32,
    /// The answer's file, without `.rs`: `e2_harvest`.
    pub file: String,
    /// What it is about, in a few words.
    pub title: String,
    /// What the reader does.
    pub kind: Kind,
    /// How long it takes someone who has read the chapter.
    pub minutes: u32,
    /// How many lines the reader is expected to write.
    pub lines: u32,
    /// Where the book explains it: `01_threads.md#scoped-threads`.
    pub section: String,
    /// Whether the model checker grades it.
    pub model: Model,
    /// Whether it is to be solved without a lock; `imports` looks for one.
    #[serde(default)]
    pub no_locks: bool,
    /// Where to look; the idea; the shape without the answer.
    pub hints: [String; 3],
}

/// A chapter that has exercises.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// The key that all its places share: `01_threads`.
    #[serde(rename = "chapter")]
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its exercises, by number.
    #[serde(rename = "exercise", default)]
    pub exercises: Vec<Exercise>,
}

/// Every chapter that has exercises, and where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// The top of the repository.
    pub root: PathBuf,
    /// In order.
    pub chapters: Vec<Chapter>,
}

/// An `exercises.toml` that can't be used: which, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogError(String);

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CatalogError {}

/// Paths are from the top of the repository, with `/`.
impl Exercise {
    /// What an answer uses that it may not.
    pub fn forbidden_in(&self, source: &str) -> Vec<imports::Found> {
        let mut found = imports::scan(source);
        if self.no_locks {
            found.extend(imports::scan_for_locks(source));
        }
        found
    }

    /// `01.2`: the number by which commands take it.
    pub fn id(&self) -> String {
        format!("{}.{}", number_of(&self.chapter), self.number)
    }

    /// `e2`: its folder of graders, and the head of its file names.
    pub fn key(&self) -> String {
        format!("e{}", self.number)
    }

    /// What the reader edits.
    pub fn answer(&self) -> String {
        format!("exercises/{}/src/{}.rs", self.chapter, self.file)
    }

    /// The exercise as it was before the reader edited it.
    pub fn stub(&self) -> String {
        format!("solutions/{}/stub/{}.rs", self.chapter, self.file)
    }

    /// One good answer.
    pub fn solution(&self) -> String {
        format!("solutions/{}/src/{}.rs", self.chapter, self.file)
    }

    /// The folder with its graders.
    pub fn graders(&self) -> String {
        format!("exercises/{}/tests/{}", self.chapter, self.key())
    }

    /// Where the book explains it, with the anchor.
    pub fn book(&self) -> String {
        format!("book/src/{}", self.section)
    }
}

/// `01` for `01_threads`.
fn number_of(chapter: &str) -> &str {
    chapter.split('_').next().unwrap_or(chapter)
}

impl Chapter {
    /// Reads the text of an `exercises.toml`.
    ///
    /// # Errors
    /// If it is not of the right form, or the exercises are not numbered 1, 2, 3 ...
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let mut chapter: Self = toml::from_str(text)
            .map_err(|error| CatalogError(format!("exercises.toml: {error}")))?;
        for (expected, exercise) in (1..).zip(&chapter.exercises) {
            if exercise.number != expected {
                return Err(CatalogError(format!(
                    "exercises.toml of {}: {:?} has number {}, and its place is {expected}",
                    chapter.key, exercise.title, exercise.number
                )));
            }
            if !exercise.file.starts_with(&format!("{}_", exercise.key())) {
                return Err(CatalogError(format!(
                    "exercises.toml of {}: file {:?} must begin with {}_",
                    chapter.key,
                    exercise.file,
                    exercise.key()
                )));
            }
        }
        for exercise in &mut chapter.exercises {
            exercise.chapter.clone_from(&chapter.key);
        }
        Ok(chapter)
    }

    /// `01`: the chapter's number, two digits.
    pub fn number(&self) -> &str {
        number_of(&self.key)
    }

    /// `ex01`: the package of the reader's answers.
    pub fn package(&self) -> String {
        format!("ex{}", self.number())
    }

    /// The exercise of a module: the second one for `e2`.
    pub(crate) fn exercise(&self, key: &str) -> Option<&Exercise> {
        self.exercises.iter().find(|exercise| exercise.key() == key)
    }

    /// The chapter's list of exercises for the book, as markdown.
    pub fn to_markdown(&self) -> String {
        let mut text = "| exercise | kind | minutes | lines | what to do |\n|---|---|--:|--:|---|\n".to_owned();
        for exercise in &self.exercises {
            text.push_str(&format!(
                "| **{}** | {} | {} | {} | {}<br>`{}` |\n",
                exercise.id(),
                exercise.kind,
                exercise.minutes,
                exercise.lines,
                exercise.title,
                exercise.answer()
            ));
        }
        text
    }
}

impl Catalog {
    /// Reads `exercises/*/exercises.toml` below `root`.
    ///
    /// # Errors
    /// If a file can't be read or is not of the right form.
    pub fn load(root: &Path) -> Result<Self, CatalogError> {
        let mut chapters = Vec::new();
        for (key, _) in CHAPTERS {
            let file = root.join("exercises").join(key).join("exercises.toml");
            if !file.exists() {
                continue;
            }
            let text = fs::read_to_string(&file).map_err(|error| {
                CatalogError(format!("{}: {error}", file.display()))
            })?;
            let chapter = Chapter::parse(&text)?;
            if chapter.key != key {
                return Err(CatalogError(format!(
                    "{} is of chapter {:?}",
                    file.display(),
                    chapter.key
                )));
            }
            chapters.push(chapter);
        }
        Ok(Self {
            root: root.to_path_buf(),
            chapters,
        })
    }

    /// All exercises, in order.
    pub fn exercises(&self) -> impl Iterator<Item = &Exercise> {
        self.chapters.iter().flat_map(|chapter| &chapter.exercises)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
chapter = "01_threads"
title = "Threads"
[[exercise]]
number = 1
file = "e1_parallel_sum"
title = "Sum on several threads"
kind = "break it"
minutes = 15
lines = 8
section = "01_threads.md#scoped-threads"
model = "none"
hints = ["where", "idea", "shape"]
"#;

    #[test]
    fn reads_an_exercise() {
        let chapter = Chapter::parse(TEXT).unwrap();
        let exercise = &chapter.exercises[0];
        assert_eq!(chapter.package(), "ex01");
        assert_eq!(exercise.id(), "01.1");
        assert_eq!(exercise.kind, Kind::BreakIt);
        assert!(
            chapter
                .to_markdown()
                .contains("exercises/01_threads/src/e1_parallel_sum.rs")
        );
    }

    #[test]
    fn refuses_what_is_not_of_the_form() {
        for (from, to) in [
            ("number = 1", "number = 2"),
            ("e1_parallel_sum", "parallel_sum"),
            ("break it", "juggle"),
            (", \"shape\"", ""),
            ("lines = 8", "lins = 8"),
        ] {
            assert!(
                Chapter::parse(&TEXT.replace(from, to)).is_err(),
                "{from} -> {to}"
            );
        }
    }

    #[test]
    fn every_chapter_of_the_course_loads() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let catalog = Catalog::load(root).unwrap();
        for exercise in catalog.exercises() {
            for path in [
                exercise.answer(),
                exercise.stub(),
                exercise.solution(),
                exercise.graders(),
            ] {
                assert!(root.join(&path).exists(), "{path} is missing");
            }
            let model = root.join(exercise.graders()).join("model.rs").exists();
            assert_eq!(
                model,
                exercise.model == Model::Graded,
                "{}: exercises.toml and model.rs must agree",
                exercise.id()
            );
        }
    }
}
