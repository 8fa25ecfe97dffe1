//! `cargo course map`, and the first half of `cargo run`: chapters, what is solved, what comes
//! next and the command for it.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::catalog::{Chapter, Course, Exercise};
use crate::hint::Level;
use crate::paint::{self, BAD, CODE, GOOD, SOFT, STRONG, WARN};
use crate::place;
use crate::progress::{Progress, State};
use crate::serve;

/// Shows the map; with `all`, every exercise by its title.
pub(crate) fn run(course: &Course, all: bool) -> ExitCode {
    paint::say(&draw(course, all));
    ExitCode::SUCCESS
}

/// Shows the map above what the server says: where the book is comes next.
pub(crate) fn run_before_the_book(course: &Course) {
    let map = draw(course, false);
    let lines = map.split_inclusive('\n');
    let others = lines.filter(|line| !line.starts_with(THE_BOOK));
    paint::say(&others.collect::<String>());
}

/// How the line begins that says how the book is read.
const THE_BOOK: &str = "The book ";

/// The map as text.
pub(crate) fn draw(course: &Course, all: bool) -> String {
    let progress = Progress::of(course);
    let next = progress.next(None);
    let solved = course
        .exercises()
        .filter(|one| progress.state(one) == State::Solved)
        .count();
    let total = course.exercises().count();
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{STRONG}threadbare{STRONG:#}  {solved} of {total} exercises solved"
    );
    out.push('\n');
    for chapter in &course.chapters {
        let open = all || next.is_some_and(|next| next.chapter == chapter.key);
        draw_chapter(&mut out, chapter, &progress, next, open);
    }
    out.push('\n');
    match next {
        Some(next) => draw_next(&mut out, course, next, progress.state(next)),
        None if total == 0 => {}
        None => {
            let _ = writeln!(out, "{GOOD}Every exercise is solved.{GOOD:#}");
        }
    }
    let _ = writeln!(
        out,
        "\n{THE_BOOK}  {CODE}{}{CODE:#}{SOFT}, and open what it prints{SOFT:#}",
        if serve::HERE {
            "cargo run"
        } else {
            "mdbook serve book"
        }
    );
    let _ = writeln!(
        out,
        "More       {CODE}cargo course help{CODE:#}{SOFT}: watch, solution, reset, doctor{SOFT:#}"
    );
    out
}

fn draw_chapter(
    out: &mut String,
    chapter: &Chapter,
    progress: &Progress<'_>,
    next: Option<&Exercise>,
    open: bool,
) {
    let (number, title) = (chapter.number(), &chapter.title);
    if chapter.exercises.is_empty() {
        let _ = writeln!(out, "  {SOFT}{number}  {title:<32} to come{SOFT:#}");
        return;
    }
    let states: Vec<State> = chapter
        .exercises
        .iter()
        .map(|exercise| progress.state(exercise))
        .collect();
    let solved = states
        .iter()
        .filter(|state| **state == State::Solved)
        .count();
    let _ = write!(out, "  {STRONG}{number}  {title:<32}{STRONG:#} ");
    for state in &states {
        let (mark, style) = mark(*state);
        let _ = write!(out, "{style}{mark}{style:#} ");
    }
    let _ = writeln!(out, " {SOFT}{solved} of {}{SOFT:#}", states.len());
    if !open {
        return;
    }
    for (exercise, state) in chapter.exercises.iter().zip(states) {
        let (sign, style) = mark(state);
        let here = if next == Some(exercise) { ">" } else { " " };
        let _ = write!(
            out,
            "    {here} {style}{sign}{style:#} {}  {}",
            exercise.id(),
            exercise.title
        );
        let said = words(state);
        // The sign says it too, so on a narrow terminal the words give way.
        let length = 17 + exercise.title.chars().count() + said.chars().count();
        if !said.is_empty() && length <= paint::width() {
            let _ = write!(out, "  {style}{said}{style:#}");
        }
        out.push('\n');
    }
}

fn draw_next(out: &mut String, course: &Course, next: &Exercise, state: State) {
    let id = next.id();
    let _ = writeln!(
        out,
        "Next       {STRONG}{id}  {}{STRONG:#}\n           {SOFT}{}, about {} minutes, \
         {} lines{SOFT:#}",
        next.title, next.kind, next.minutes, next.lines
    );
    let shown = |path: &str| place::shown(&course.root, path);
    let _ = writeln!(out, "  read     {CODE}{}{CODE:#}", shown(&next.book()));
    let _ = writeln!(out, "  edit     {CODE}{}{CODE:#}", shown(&next.answer()));
    let _ = write!(out, "  check    {CODE}cargo grade {id}{CODE:#}");
    if state == State::Ungraded {
        let _ = write!(out, "  {SOFT}(edited since it was graded){SOFT:#}");
    }
    out.push('\n');
    let seen = match Level::of(course, next).seen() {
        0 => String::new(),
        seen => format!("  {SOFT}({seen} of {} seen){SOFT:#}", next.hints.len()),
    };
    let _ = writeln!(out, "  stuck?   {CODE}cargo hint {id}{CODE:#}{seen}");
}

/// The sign of a state and its colour.
pub(crate) fn mark(state: State) -> (char, anstyle::Style) {
    match state {
        State::Untouched => ('\u{b7}', SOFT),
        State::Ungraded => ('?', WARN),
        State::Broken | State::Failing { .. } => ('\u{2717}', BAD),
        State::Solved => ('\u{2713}', GOOD),
    }
}

/// A state in words, for those who do not see the sign or the colour.
fn words(state: State) -> String {
    match state {
        State::Untouched => String::new(),
        State::Ungraded => "changed, not graded".to_owned(),
        State::Broken => "does not compile".to_owned(),
        State::Failing { passed, graders } => {
            format!("{passed} of {graders} graders pass")
        }
        State::Solved => "solved".to_owned(),
    }
}
