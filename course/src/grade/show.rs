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
const OUTPUT_LINES: usize = 24;

/// One exercise's result.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) solved: bool,
    /// `01.2  Title`
    pub(crate) title: String,
    /// `solved`, `2 of 7 graders fail`
    pub(crate) said: String,
    /// Everything below that.
    pub(crate) text: String,
}

/// How much of a result to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Every failure.
    All,
    /// One is enough: the reader has not begun with it.
    First,
    /// As many as have room in so many lines, and one at least.
    Lines(usize),
}

/// One line for a verdict as it comes in.
pub(crate) fn draw_verdict_line(verdict: &Verdict) -> String {
    let (mark, style) = match verdict.outcome {
        Outcome::Passed => ('\u{2713}', GOOD),
        Outcome::Failed => ('\u{2717}', BAD),
        Outcome::Hung => ('\u{29d6}', BAD),
        Outcome::Skipped => ('-', WARN),
    };
    let more = match verdict.outcome {
        Outcome::Passed | Outcome::Failed => "",
        Outcome::Hung => " hangs",
        Outcome::Skipped => " was not run",
    };
    format!(
        "{style}{mark}{style:#} {SOFT}{}{SOFT:#} {}{style}{more}{style:#}{}\n",
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
    detail: Detail,
    width: usize,
) -> Drawn {
    let mut verdicts = graded.of(exercise);
    in_order(course, exercise, &mut verdicts);
    let broken = graded.broken.get(&exercise.number);
    let failures: Vec<&Verdict> = verdicts
        .iter()
        .filter(|verdict| !verdict.passed())
        .copied()
        .collect();
    let accepted = broken.is_none() && !verdicts.is_empty() && failures.is_empty();
    // Of a run that is not whole nobody knows whose verdicts are missing.
    let solved = accepted && graded.trouble.is_none();
    let (said, style) = match broken {
        Some(_) => ("does not compile".to_owned(), BAD),
        None if verdicts.is_empty() => ("not graded".to_owned(), WARN),
        None if solved => ("solved".to_owned(), GOOD),
        None if accepted => ("not graded to the end".to_owned(), WARN),
        None => (failing(&verdicts), BAD),
    };
    let title = format!("{STRONG}{}  {}{STRONG:#}", exercise.id(), exercise.title);
    let said = format!("{style}{said}{style:#}");
    let mut text = String::new();
    for warning in graded.warnings.get(&exercise.number).into_iter().flatten() {
        let _ = writeln!(text, "{}", warning.trim_end());
    }
    if let Some(errors) = broken {
        for error in errors {
            let _ = writeln!(text, "\n{}", error.trim_end());
        }
    }
    let skipped = count(&verdicts, Outcome::Skipped);
    let run: Vec<&Verdict> = failures
        .iter()
        .filter(|verdict| verdict.outcome != Outcome::Skipped)
        .copied()
        .collect();
    let groups = groups(&run, exercise);
    let mut shown = 0;
    for group in &groups {
        let mut drawn = String::new();
        draw_failure(&mut drawn, course, group, width);
        let lines = text.lines().count() + drawn.lines().count();
        let fits = match detail {
            Detail::All => true,
            Detail::First => shown == 0,
            Detail::Lines(room) => shown == 0 || lines <= room,
        };
        if !fits {
            break;
        }
        text.push_str(&drawn);
        shown += 1;
    }
    let hidden: usize = groups[shown..].iter().map(Vec::len).sum();
    if hidden > 0 {
        let _ = writeln!(
            text,
            "\n  {SOFT}... and {hidden} more; all of them with{SOFT:#} {CODE}cargo grade \
             {}{CODE:#}",
            exercise.id()
        );
    }
    if skipped > 0 {
        let said = "What hangs once takes all of its time each time, so the graders behind \
                    it were not run.";
        text.push('\n');
        text.push_str(&paint::styled(&paint::wrap(said, "  ", width), WARN));
    }
    for verdict in verdicts.iter().filter(|verdict| verdict.passed()) {
        if let Some(note) = &verdict.note {
            let said = format!("{} passes, but: {note}", name(verdict));
            text.push_str(&paint::styled(&paint::wrap(&said, "  ", width), WARN));
        }
    }
    if solved {
        draw_solved(&mut text, exercise);
    } else if broken.is_some() || !failures.is_empty() {
        draw_help(&mut text, course, exercise, broken.is_some());
    }
    Drawn {
        solved,
        title,
        said,
        text,
    }
}

/// How many graders fail, of those that are shown: that an answer imports only what it may
/// is nothing to tell.
fn failing(verdicts: &[&Verdict]) -> String {
    let passed = verdicts.iter().filter(|verdict| verdict.passed());
    let told = passed.filter(|verdict| verdict.grader != "imports").count();
    let skipped = count(verdicts, Outcome::Skipped);
    let failed = count(verdicts, Outcome::Failed) + count(verdicts, Outcome::Hung);
    let mut said = format!("{failed} of {} graders fail", failed + told + skipped);
    if skipped > 0 {
        let _ = write!(said, ", {skipped} were not run");
    }
    said
}

fn count(verdicts: &[&Verdict], outcome: Outcome) -> usize {
    let alike = verdicts.iter().filter(|verdict| verdict.outcome == outcome);
    alike.count()
}

/// Failures that one line of the answer causes, such as a `todo!`, or that say the same,
/// or that hang: each group is shown once, with the names of all.
fn groups<'a>(
    failures: &[&'a Verdict],
    exercise: &Exercise,
) -> Vec<Vec<&'a Verdict>> {
    let answer = exercise.answer();
    let mut groups: Vec<Vec<&Verdict>> = Vec::new();
    for failure in failures {
        let in_answer = failure
            .at
            .as_ref()
            .is_some_and(|at| at.starts_with(&answer));
        let known = groups.iter_mut().find(|group| {
            let first = group[0];
            let hang = first.outcome == Outcome::Hung;
            if hang || failure.outcome == Outcome::Hung {
                // Several hangs have one cause more often than not.
                return hang && failure.outcome == Outcome::Hung;
            }
            first.at == failure.at
                && (in_answer || first.sentence == failure.sentence)
                && first.output == failure.output
        });
        match known {
            Some(group) => group.push(failure),
            None => groups.push(vec![failure]),
        }
    }
    groups
}

/// Graders in the order in which their file lists them; they end in any order.
fn in_order(course: &Course, exercise: &Exercise, verdicts: &mut [&Verdict]) {
    let mut text = String::new();
    for kind in ["model", "real"] {
        text += &course
            .read(&format!("{}/{kind}.rs", exercise.graders()))
            .unwrap_or_default();
    }
    let list: Vec<&str> = text
        .split("graders![")
        .skip(1)
        .filter_map(|rest| rest.split(']').next())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .collect();
    verdicts.sort_by_key(|verdict| {
        let name = verdict.grader.rsplit("::").next().unwrap_or_default();
        list.iter().position(|listed| *listed == name)
    });
}

fn draw_failure(
    text: &mut String,
    course: &Course,
    group: &[&Verdict],
    width: usize,
) {
    let Some(verdict) = group.first() else { return };
    let names = match group {
        [one] => name(one),
        [one, other] => format!("{} and {}", name(one), name(other)),
        [one, others @ ..] => format!("{} and {} others", name(one), others.len()),
        [] => String::new(),
    };
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
    if !verdict.report.is_empty() {
        // Set out for this terminal by the grader.
        let _ = writeln!(text, "\n{}", verdict.report.trim_end());
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

fn draw_solved(text: &mut String, exercise: &Exercise) {
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
            "  {SOFT}reset{SOFT:#}    {CODE}cargo course reset {id}{CODE:#}"
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
    if verdict.grader == "imports" {
        return "uses only what the ground offers".to_owned();
    }
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
            report: String::new(),
            schedule: None,
            note: None,
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
        assert_eq!(
            name(&verdict("imports", "")),
            "uses only what the ground offers"
        );
    }

    #[test]
    fn only_graders_that_are_shown_are_counted() {
        let passed = |grader| Verdict {
            outcome: Outcome::Passed,
            ..verdict(grader, "")
        };
        let failed = verdict("imports", "std::sync");
        let [real, imports] = [passed("real::a"), passed("imports")];
        let other = verdict("real::b", "7 is not 8");
        assert_eq!(failing(&[&real, &other, &imports]), "1 of 2 graders fail");
        assert_eq!(failing(&[&real, &other, &failed]), "2 of 3 graders fail");
        let with = |outcome| Verdict {
            outcome,
            ..verdict("real::c", "not run: e1::real::b hangs")
        };
        let (hung, skipped) = (with(Outcome::Hung), with(Outcome::Skipped));
        assert_eq!(
            failing(&[&real, &hung, &skipped, &skipped]),
            "1 of 4 graders fail, 2 were not run"
        );
    }

    #[test]
    fn one_cause_is_shown_once() {
        let exercise = crate::catalog::tests::exercise(1);
        let at = |mut verdict: Verdict, at: &str| {
            verdict.at = Some(at.to_owned());
            verdict
        };
        let answer = format!("{}:7", exercise.answer());
        let grader = "exercises/01_threads/tests/e1/real.rs:9";
        let all = [
            at(verdict("real::a", "not written yet: 1"), &answer),
            at(verdict("real::b", "7 is not 8"), grader),
            at(verdict("real::c", "not written yet: 2"), &answer),
            at(verdict("real::d", "9 is not 8"), grader),
        ];
        let groups = groups(&all.iter().collect::<Vec<_>>(), &exercise);
        assert_eq!(
            groups,
            [vec![&all[0], &all[2]], vec![&all[1]], vec![&all[3]]]
        );
    }
}
