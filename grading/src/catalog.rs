//! What the course has: its chapters, and from each `exercises.toml` the exercises.
//!
//! That file is the one source for the book's list of exercises, the map, and the hints.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

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
    /// It should, and will once chapter 04 is there.
    Pending,
    /// It does.
    Graded,
}

/// One exercise, as its chapter's `exercises.toml` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
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

impl Exercise {
    /// `e2`: the exercise's folder of graders, and the head of its file names.
    pub fn key(&self) -> String {
        format!("e{}", self.number)
    }
}

impl Chapter {
    /// Reads the text of an `exercises.toml`.
    ///
    /// # Errors
    /// If it is not of the right form, or the exercises are not numbered 1, 2, 3 ...
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let chapter: Self = toml::from_str(text)
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
        Ok(chapter)
    }

    /// `01`: the chapter's number, two digits.
    pub fn number(&self) -> &str {
        self.key.split('_').next().unwrap_or(&self.key)
    }

    /// `ex01`: the package of the reader's answers.
    pub fn package(&self) -> String {
        format!("ex{}", self.number())
    }

    /// `01.2`: the number of an exercise, as commands take it.
    pub fn id(&self, exercise: &Exercise) -> String {
        format!("{}.{}", self.number(), exercise.number)
    }

    /// `01.2` for the module `e2`.
    pub(crate) fn number_of(&self, key: &str) -> String {
        format!("{}.{}", self.number(), key.trim_start_matches('e'))
    }

    /// The last line of a failure: where to go from here.
    pub(crate) fn help_for(&self, key: &str) -> String {
        let Some(exercise) = self.exercises.iter().find(|one| one.key() == key)
        else {
            return String::new();
        };
        format!(
            "  read book/src/{}, or ask: cargo hint {}",
            exercise.section,
            self.id(exercise)
        )
    }

    /// The chapter's list of exercises for the book, as markdown.
    pub fn to_markdown(&self) -> String {
        let mut text = "| exercise | kind | minutes | lines | what to do |\n|---|---|--:|--:|---|\n".to_owned();
        for exercise in &self.exercises {
            let Exercise {
                title,
                kind,
                minutes,
                lines,
                file,
                ..
            } = exercise;
            let id = self.id(exercise);
            text.push_str(&format!(
                "| **{id}** | {kind} | {minutes} | {lines} | {title}<br>\
                 `exercises/{}/src/{file}.rs` |\n",
                self.key
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

    /// The exercise that a reader calls `01.2`.
    pub fn find(&self, id: &str) -> Option<(&Chapter, &Exercise)> {
        self.chapters
            .iter()
            .flat_map(|chapter| {
                chapter.exercises.iter().map(move |one| (chapter, one))
            })
            .find(|(chapter, exercise)| chapter.id(exercise) == id)
    }

    /// What the reader edits.
    pub fn answer(&self, chapter: &Chapter, exercise: &Exercise) -> PathBuf {
        self.file("exercises", chapter, "src", exercise)
    }

    /// The exercise as it was before the reader edited it.
    pub fn stub(&self, chapter: &Chapter, exercise: &Exercise) -> PathBuf {
        self.file("solutions", chapter, "stub", exercise)
    }

    /// One good answer.
    pub fn solution(&self, chapter: &Chapter, exercise: &Exercise) -> PathBuf {
        self.file("solutions", chapter, "src", exercise)
    }

    /// The folder with the exercise's graders.
    pub fn graders(&self, chapter: &Chapter, exercise: &Exercise) -> PathBuf {
        self.root
            .join("exercises")
            .join(&chapter.key)
            .join("tests")
            .join(exercise.key())
    }

    fn file(
        &self,
        top: &str,
        chapter: &Chapter,
        folder: &str,
        one: &Exercise,
    ) -> PathBuf {
        let name = format!("{}.rs", one.file);
        self.root
            .join(top)
            .join(&chapter.key)
            .join(folder)
            .join(name)
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
        assert_eq!(chapter.id(exercise), "01.1");
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
        for chapter in &catalog.chapters {
            for exercise in &chapter.exercises {
                assert!(
                    catalog.stub(chapter, exercise).exists(),
                    "{}",
                    exercise.file
                );
                assert!(
                    catalog.solution(chapter, exercise).exists(),
                    "{}",
                    exercise.file
                );
                assert!(
                    catalog.graders(chapter, exercise).exists(),
                    "{}",
                    exercise.file
                );
                let id = chapter.id(exercise);
                assert_eq!(catalog.find(&id), Some((chapter, exercise)));
            }
        }
    }
}
