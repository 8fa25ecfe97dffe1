//! `cargo course solution NN.K`: one good answer, as a diff against what the reader wrote.
//!
//! Shown once the exercise is solved, or to those who say that they give up.

use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;

use similar::{ChangeTag, TextDiff};

use crate::catalog::{Course, Exercise};
use crate::paint::{self, BAD, CODE, GOOD, SOFT, STRONG};
use crate::place;
use crate::progress::{Progress, State};
use crate::sentence::{Result, Sentence};

/// Lines of context around each change.
const CONTEXT: usize = 3;

pub(crate) fn run(
    course: &Course,
    exercise: &Exercise,
    give_up: bool,
) -> Result<ExitCode> {
    let id = exercise.id();
    if !give_up {
        let why = match Progress::of(course).state(exercise) {
            State::Solved => None,
            State::Ungraded => Some("has changed since it was graded"),
            State::Untouched | State::Broken | State::Failing { .. } => {
                Some("is not solved yet")
            }
        };
        if let Some(why) = why {
            return Err(Sentence::new(format!(
                "{id} {why}. Grade it with `cargo grade {id}`, take a hint with `cargo hint \
                 {id}`, or see the answer all the same: `cargo course solution {id} --give-up`"
            )));
        }
    }
    let yours = course.read(&exercise.answer())?;
    let ours = course.read(&exercise.solution())?;
    let mut out = diff(&exercise.answer(), &yours, &exercise.solution(), &ours);
    let others = others(course, exercise);
    if !others.is_empty() {
        let _ = writeln!(out, "\n{SOFT}Other good answers:{SOFT:#}");
        for path in others {
            let _ = writeln!(
                out,
                "  {CODE}{}{CODE:#}",
                place::shown(&course.root, &path)
            );
        }
    }
    paint::say(&out);
    Ok(ExitCode::SUCCESS)
}

/// A unified diff from `yours` to `ours`.
fn diff(your_path: &str, yours: &str, our_path: &str, ours: &str) -> String {
    let diff = TextDiff::from_lines(yours, ours);
    let mut out = String::new();
    let _ = writeln!(out, "{STRONG}--- {your_path}   (yours){STRONG:#}");
    let _ = writeln!(out, "{STRONG}+++ {our_path}   (one good answer){STRONG:#}");
    let mut same = true;
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        same = false;
        let _ = writeln!(out, "{SOFT}{}{SOFT:#}", hunk.header());
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches(['\r', '\n']);
            let _ = match change.tag() {
                ChangeTag::Equal => writeln!(out, " {line}"),
                ChangeTag::Delete => writeln!(out, "{BAD}-{line}{BAD:#}"),
                ChangeTag::Insert => writeln!(out, "{GOOD}+{line}{GOOD:#}"),
            };
        }
    }
    if same {
        let _ = writeln!(out, "\nThe same, letter by letter.");
    }
    out
}

/// The other answers that the graders accept.
fn others(course: &Course, exercise: &Exercise) -> Vec<String> {
    let dir = format!("solutions/{}/right", exercise.chapter);
    let start = format!("{}_", exercise.key());
    let mut found: Vec<String> = fs::read_dir(course.root.join(&dir))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with(&start) && name.ends_with(".rs"))
        .map(|name| format!("{dir}/{name}"))
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_has_signs_that_colour_does_not_replace() {
        let text = diff("a", "one\ntwo\n", "b", "one\nthree\n");
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(
            plain,
            "--- a   (yours)\n+++ b   (one good answer)\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n"
        );
    }

    #[test]
    fn equal_answers_are_called_equal() {
        assert!(diff("a", "x\n", "b", "x\n").contains("The same"));
    }
}
