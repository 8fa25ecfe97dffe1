//! `cargo hint NN.K`: three levels, one more each time.
//!
//! How many a reader has seen is one digit in `target/threadbare/hints/NN.K`.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::catalog::{Course, Exercise};
use crate::paint::{self, CODE, SOFT, STRONG};
use crate::place;
use crate::sentence::{Result, Sentence};

/// What the three levels are, in order.
const LEVELS: [&str; 3] = ["where to look", "the idea", "the shape"];

/// Shows one more hint and the ones before; with `level`, just that one.
pub(crate) fn run(
    course: &Course,
    exercise: &Exercise,
    level: Option<u8>,
) -> Result<ExitCode> {
    let width = paint::width();
    if let Some(level) = level {
        let level = usize::from(level);
        if level > exercise.hints.len() {
            return Err(Sentence::new(format!(
                "exercise {} has {} hints, not {level}",
                exercise.id(),
                exercise.hints.len()
            )));
        }
        paint::say(&draw(exercise, level - 1, level, width));
        return Ok(ExitCode::SUCCESS);
    }
    let seen = Level::of(course, exercise).one_more();
    paint::say(&format!(
        "{STRONG}{}  {}{STRONG:#}\n{}{}",
        exercise.id(),
        exercise.title,
        draw(exercise, 0, seen, width),
        after(exercise, seen)
    ));
    Ok(ExitCode::SUCCESS)
}

/// The hints from `first` (counted from 0) up to and without `end`; the last stands out.
pub(crate) fn draw(
    exercise: &Exercise,
    first: usize,
    end: usize,
    width: usize,
) -> String {
    let mut out = String::new();
    for (index, hint) in exercise.hints.iter().enumerate().take(end).skip(first) {
        let what = LEVELS.get(index).copied().unwrap_or("more");
        let count = exercise.hints.len();
        let _ =
            writeln!(out, "\n{SOFT}hint {} of {count}, {what}{SOFT:#}", index + 1);
        let text = paint::wrap(hint.trim_end(), "  ", width);
        if index + 1 == end {
            out.push_str(&text);
        } else {
            out.push_str(&paint::styled(&text, SOFT));
        }
    }
    out
}

/// What to do when this hint was not enough.
fn after(exercise: &Exercise, seen: usize) -> String {
    let id = exercise.id();
    if seen < exercise.hints.len() {
        return format!(
            "\n{SOFT}Not enough? The same command shows one more: {SOFT:#}{CODE}cargo hint \
             {id}{CODE:#}\n"
        );
    }
    format!(
        "\n{SOFT}That was the last. The book: {SOFT:#}{CODE}{}{CODE:#}\n{SOFT}One good answer: \
         {SOFT:#}{CODE}cargo course solution {id} --give-up{CODE:#}\n",
        exercise.book()
    )
}

/// How many hints of an exercise were seen.
#[derive(Debug)]
pub(crate) struct Level {
    file: PathBuf,
    seen: usize,
    count: usize,
}

impl Level {
    pub(crate) fn of(course: &Course, exercise: &Exercise) -> Self {
        let file = place::cache(&course.root).join("hints").join(exercise.id());
        let count = exercise.hints.len();
        let seen = fs::read_to_string(&file)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        Self {
            file,
            seen: seen.unwrap_or(0).min(count),
            count,
        }
    }

    pub(crate) fn seen(&self) -> usize {
        self.seen
    }

    /// Goes one level further, unless this was the last, and returns how many are seen now.
    pub(crate) fn one_more(&mut self) -> usize {
        self.seen = (self.seen + 1).min(self.count);
        // If it can't be kept, the reader sees the first hint again.
        if let Some(dir) = self.file.parent() {
            let _ = fs::create_dir_all(dir);
        }
        let _ = fs::write(&self.file, format!("{}\n", self.seen));
        self.seen
    }

    /// Forgets what was seen: the exercise starts anew.
    pub(crate) fn forget(&self) {
        let _ = fs::remove_file(&self.file);
    }
}
