//! A result for a reader: what failed, in a sentence; where; what the program printed; and
//! how to go on.

use std::fmt::Write as _;

use grading::report::{Outcome, Verdict};

use super::chapter::Graded;
use super::took;
use crate::catalog::{Course, Exercise};
use crate::hint::Level;
use crate::paint::{self, BAD, CODE, GOOD, SOFT, STRONG, WARN};
use crate::place;

/// More of a program's own output than this helps nobody here.
const OUTPUT_LINES: usize = 12;

/// One exercise's result.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) solved: bool,
    pub(crate) text: String,
}

/// One line for a verdict as it comes in.
pub(crate) fn draw_verdict_line(verdict: &Verdict) -> String {
    let (mark, style) = match verdict.outcome {
        Outcome::Passed => ('\u{2713}', GOOD),
        Outcome::Failed => ('\u{2717}', BAD),
        Outcome::Hung => ('\u{29d6}', BAD),
    };
    let hung = if verdict.outcome == Outcome::Hung {
        " hangs"
    } else {
        ""
    };
    format!(
        "{style}{mark}{style:#} {SOFT}{}{SOFT:#} {}{style}{hung}{style:#}{}\n",
        verdict.exercise,
        name(verdict),
        took(verdict.ms)
    )
}

/// What one exercise's graders say, and how to go on.
pub(crate) fn draw_exercise(
    course: &Course,
    graded: &Graded,
    exercise: &Exercise,
    width: usize,
) -> Drawn {
    let verdicts = graded.of(exercise);
    let broken = graded.broken.get(&exercise.number);
    let failures: Vec<&Verdict> = verdicts
        .iter()
        .filter(|verdict| !verdict.passed())
        .copied()
        .collect();
    let solved = broken.is_none() && !verdicts.is_empty() && failures.is_empty();
    let (said, style) = match broken {
        Some(_) => ("does not compile".to_owned(), BAD),
        None if verdicts.is_empty() => ("not graded".to_owned(), WARN),
        None if solved => ("solved".to_owned(), GOOD),
        None => (
            format!("{} of {} graders fail", failures.len(), verdicts.len()),
            BAD,
        ),
    };
    let mut text = format!(
        "{STRONG}{}  {}{STRONG:#}  {style}{said}{style:#}\n",
        exercise.id(),
        exercise.title
    );
    for warning in graded.warnings.get(&exercise.number).into_iter().flatten() {
        let _ = writeln!(text, "{}", warning.trim_end());
    }
    if let Some(errors) = broken {
        for error in errors {
            let _ = writeln!(text, "\n{}", error.trim_end());
        }
    }
    for (verdict, twins) in same_sentence_once(&failures) {
        draw_failure(&mut text, course, verdict, &twins, width);
    }
    if solved {
        draw_solved(&mut text, exercise, width);
    } else if broken.is_some() || !failures.is_empty() {
        draw_help(&mut text, course, exercise, broken.is_some());
    }
    Drawn { solved, text }
}

/// A stub fails all its graders with one and the same sentence: it is shown once.
fn same_sentence_once<'a>(
    failures: &[&'a Verdict],
) -> Vec<(&'a Verdict, Vec<&'a Verdict>)> {
    let mut groups: Vec<(&Verdict, Vec<&Verdict>)> = Vec::new();
    for failure in failures {
        let known = groups.iter_mut().find(|(first, _)| {
            first.sentence == failure.sentence
                && first.at == failure.at
                && first.output == failure.output
                && first.threads.is_empty()
                && failure.threads.is_empty()
        });
        match known {
            Some((_, twins)) => twins.push(failure),
            None => groups.push((failure, Vec::new())),
        }
    }
    groups
}

fn draw_failure(
    text: &mut String,
    course: &Course,
    verdict: &Verdict,
    twins: &[&Verdict],
    width: usize,
) {
    let mut names = name(verdict);
    for twin in twins {
        let _ = write!(names, ", {}", name(twin));
    }
    let wrapped = paint::wrap(&names, "    ", width);
    let _ = writeln!(text, "\n  {BAD}\u{2717}{BAD:#} {}", wrapped.trim());
    text.push_str(&paint::wrap(&verdict.sentence, "    ", width));
    if let Some(at) = &verdict.at {
        let _ = writeln!(
            text,
            "    {SOFT}at{SOFT:#} {CODE}{}{CODE:#}",
            place::shown(&course.root, at)
        );
    }
    for thread in &verdict.threads {
        let mut line = format!("thread {}: {}", thread.name, thread.kernel);
        if let Some(step) = &thread.step {
            let _ = write!(line, "; its last step: {step}");
        }
        text.push_str(&paint::wrap(&line, "    ", width));
    }
    if verdict.output.trim().is_empty() {
        return;
    }
    let _ = writeln!(text, "    {SOFT}the program printed{SOFT:#}");
    let lines: Vec<&str> = verdict.output.lines().collect();
    for line in lines.iter().take(OUTPUT_LINES) {
        let _ = writeln!(text, "    {SOFT}|{SOFT:#} {line}");
    }
    if lines.len() > OUTPUT_LINES {
        let more = lines.len() - OUTPUT_LINES;
        let _ = writeln!(text, "    {SOFT}| ... {more} more lines{SOFT:#}");
    }
}

fn draw_solved(text: &mut String, exercise: &Exercise, width: usize) {
    if exercise.model_pending {
        let note = "Right on real threads. The model that tries every interleaving comes with \
                    chapter 04, and then grades this again.";
        text.push_str(&paint::styled(&paint::wrap(note, "  ", width), SOFT));
    }
    let _ = writeln!(
        text,
        "  {SOFT}compare{SOFT:#}  {CODE}cargo course solution {}{CODE:#}",
        exercise.id()
    );
}

fn draw_help(text: &mut String, course: &Course, exercise: &Exercise, broken: bool) {
    let id = exercise.id();
    text.push('\n');
    if broken {
        let file = place::shown(&course.root, &exercise.answer());
        let _ = writeln!(text, "  {SOFT}edit{SOFT:#}     {CODE}{file}{CODE:#}");
        let _ = writeln!(
            text,
            "  {SOFT}start over{SOFT:#} {CODE}cargo course reset {id}{CODE:#}"
        );
    }
    let seen = Level::of(course, exercise).seen();
    let count = exercise.hints.len();
    let left = match seen {
        0 => String::new(),
        seen if seen == count => format!("  {SOFT}(all {count} seen){SOFT:#}"),
        seen => format!("  {SOFT}({seen} of {count} seen){SOFT:#}"),
    };
    let _ = writeln!(
        text,
        "  {SOFT}stuck?{SOFT:#}   {CODE}cargo hint {id}{CODE:#}{left}"
    );
    let book = place::shown(&course.root, &exercise.book());
    let _ = writeln!(text, "  {SOFT}book{SOFT:#}     {CODE}{book}{CODE:#}");
}

/// `sums every element` for `real::sums_every_element`.
fn name(verdict: &Verdict) -> String {
    match verdict.grader.split_once("::") {
        Some(("real", name)) => name.replace('_', " "),
        Some((kind, name)) => format!("{kind}: {}", name.replace('_', " ")),
        None => verdict.grader.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(grader: &str, sentence: &str) -> Verdict {
        Verdict {
            exercise: "01.1".to_owned(),
            grader: grader.to_owned(),
            outcome: Outcome::Failed,
            sentence: sentence.to_owned(),
            at: None,
            threads: Vec::new(),
            output: String::new(),
            ms: 3,
        }
    }

    #[test]
    fn graders_are_called_by_their_names_in_words() {
        assert_eq!(
            name(&verdict("real::sums_every_element", "")),
            "sums every element"
        );
        assert_eq!(
            name(&verdict("model::no_lost_wake", "")),
            "model: no lost wake"
        );
        assert_eq!(name(&verdict("imports", "")), "imports");
    }

    #[test]
    fn one_sentence_is_shown_once() {
        let all = [
            verdict("real::a", "not written yet"),
            verdict("real::b", "7 is not 8"),
            verdict("real::c", "not written yet"),
        ];
        let groups = same_sentence_once(&all.iter().collect::<Vec<_>>());
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].1, [&all[2]]);
    }
}
