//! Which chapters and exercises there are, and which of them the reader means.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use grading::catalog::{CHAPTERS, Catalog};
pub(crate) use grading::catalog::{Chapter, Exercise};

use crate::sentence::{Result, Sentence};

/// Everything that the companion knows about the course.
#[derive(Debug)]
pub(crate) struct Course {
    /// The top of the repository.
    pub(crate) root: PathBuf,
    /// All chapters, in order; those to come have no exercises yet.
    pub(crate) chapters: Vec<Chapter>,
}

/// What a reader types: `01`, `1`, `01_threads` for a chapter, `01.2` for an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    chapter: u32,
    exercise: Option<u32>,
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong =
            || "write NN for a chapter or NN.K for an exercise: 01, 01.2".to_owned();
        let (chapter, exercise) = match text.split_once('.') {
            Some((chapter, exercise)) => (chapter, Some(exercise)),
            None => (text, None),
        };
        let chapter = chapter.split('_').next().unwrap_or(chapter);
        let digits = |text: &str| text.parse::<u32>().map_err(|_| wrong());
        Ok(Self {
            chapter: digits(chapter)?,
            exercise: exercise.map(digits).transpose()?,
        })
    }
}

impl Course {
    /// Reads the catalog of the course whose top is `root`.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let catalog = Catalog::load(root).map_err(|error| {
            Sentence::new(format!(
                "the list of exercises cannot be used: {error}; `git status` shows whether it \
                 was changed"
            ))
        })?;
        let mut written = catalog.chapters.into_iter().peekable();
        let chapters = CHAPTERS.iter().map(|(key, title)| {
            let to_come = || Chapter {
                key: (*key).to_owned(),
                title: (*title).to_owned(),
                exercises: Vec::new(),
            };
            written
                .next_if(|chapter| chapter.key == *key)
                .unwrap_or_else(to_come)
        });
        Ok(Self {
            root: root.to_path_buf(),
            chapters: chapters.collect(),
        })
    }

    /// All exercises, in order.
    pub(crate) fn exercises(&self) -> impl Iterator<Item = &Exercise> {
        self.chapters.iter().flat_map(|chapter| &chapter.exercises)
    }

    /// The chapter of an exercise.
    pub(crate) fn chapter_of(&self, exercise: &Exercise) -> &Chapter {
        self.chapters
            .iter()
            .find(|chapter| chapter.key == exercise.chapter)
            .expect("every exercise comes from a chapter of this course")
    }

    /// The exercises that the reader means.
    ///
    /// # Errors
    /// If there are none by that number; the sentence says which there are.
    pub(crate) fn select(&self, wanted: &Wanted) -> Result<Vec<&Exercise>> {
        let number = format!("{:02}", wanted.chapter);
        let Some(chapter) = self.chapters.iter().find(|c| c.number() == number)
        else {
            return Err(Sentence::new(format!(
                "there is no chapter {number}; {}",
                self.which_exist()
            )));
        };
        let Some(last) = chapter.exercises.last() else {
            return Err(Sentence::new(format!(
                "chapter {number} ({}) is still to come; {}",
                chapter.title,
                self.which_exist()
            )));
        };
        let Some(exercise) = wanted.exercise else {
            return Ok(chapter.exercises.iter().collect());
        };
        match chapter.exercises.iter().find(|e| e.number == exercise) {
            Some(exercise) => Ok(vec![exercise]),
            None => Err(Sentence::new(format!(
                "there is no exercise {number}.{exercise}; chapter {number} has {} to {}",
                chapter.exercises[0].id(),
                last.id()
            ))),
        }
    }

    /// One exercise, for the commands that work on one.
    ///
    /// # Errors
    /// If there is none by that number, or a whole chapter is meant.
    pub(crate) fn select_one(&self, wanted: &Wanted) -> Result<&Exercise> {
        let found = self.select(wanted)?;
        match (wanted.exercise, &found[..]) {
            (Some(_), [exercise]) => Ok(exercise),
            (_, exercises) => Err(Sentence::new(format!(
                "chapter {:02} has several exercises: say which, {} to {}",
                wanted.chapter,
                exercises[0].id(),
                exercises[exercises.len() - 1].id()
            ))),
        }
    }

    fn which_exist(&self) -> String {
        let written: Vec<String> = self
            .chapters
            .iter()
            .filter_map(|chapter| {
                let first = chapter.exercises.first()?;
                let last = chapter.exercises.last()?;
                Some(format!("{} to {}", first.id(), last.id()))
            })
            .collect();
        if written.is_empty() {
            return "no exercises are written yet".to_owned();
        }
        format!("exercises so far: {}", written.join(", "))
    }

    /// The text of a file of the course.
    pub(crate) fn read(&self, path: &str) -> Result<String> {
        let full = self.root.join(path);
        fs::read_to_string(&full)
            .map_err(|error| Sentence::file("read", &full, &error))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use grading::catalog::{Kind, Model};

    use super::*;

    /// An exercise of chapter 01 that is not in the catalog.
    pub(crate) fn exercise(number: u32) -> Exercise {
        Exercise {
            chapter: "01_threads".to_owned(),
            number,
            file: format!("e{number}_x"),
            title: format!("Exercise {number}"),
            kind: Kind::Implement,
            minutes: 10,
            lines: 5,
            section: "01_threads.md#x".to_owned(),
            model: Model::None,
            no_locks: false,
            hints: ["where", "idea", "shape"].map(str::to_owned),
        }
    }

    fn course() -> Course {
        let chapter = |key: &str, exercises: Vec<Exercise>| Chapter {
            key: key.to_owned(),
            title: "Title".to_owned(),
            exercises,
        };
        Course {
            root: PathBuf::new(),
            chapters: vec![
                chapter("01_threads", vec![exercise(1), exercise(2)]),
                chapter("02_locks", Vec::new()),
            ],
        }
    }

    fn wanted(text: &str) -> Wanted {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_read_however_they_are_written() {
        assert_eq!(wanted("1.2"), wanted("01.2"));
        assert_eq!(wanted("01_threads"), wanted("1"));
        for wrong in ["", "x", "1.", ".1", "1.x", "1.2.3", "-1"] {
            assert!(wrong.parse::<Wanted>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_number_is_answered_with_those_that_exist() {
        let course = course();
        assert_eq!(course.select(&wanted("01")).unwrap().len(), 2);
        assert_eq!(course.select_one(&wanted("1.2")).unwrap().number, 2);
        let said =
            |text: &str| course.select_one(&wanted(text)).unwrap_err().to_string();
        assert_eq!(
            said("1.3"),
            "there is no exercise 01.3; chapter 01 has 01.1 to 01.2"
        );
        assert_eq!(
            said("02"),
            "chapter 02 (Title) is still to come; exercises so far: 01.1 to 01.2"
        );
        assert_eq!(
            said("77"),
            "there is no chapter 77; exercises so far: 01.1 to 01.2"
        );
        assert_eq!(
            said("1"),
            "chapter 01 has several exercises: say which, 01.1 to 01.2"
        );
    }
}
