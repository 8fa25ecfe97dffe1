//! The text of a failure: what happened, and the run that shows it, one column a thread.
//!
//! ```text
//! DATA RACE: t2 writes value at spin.rs:31, t1 wrote it at spin.rs:31, and nothing orders
//! the two
//!   at src/spin.rs:31
//!
//!   spin.rs
//!   step  line  t1                               t2
//!      1  17    locked.swap(true, Acquire)
//!               -> false
//!      2  22    locked.store(false, Relaxed)
//!      3  17                                     locked.swap(true, Acquire)
//!                                                -> false
//!
//! replay: Model::replay("1*2 2")
//! ```
//!
//! Time runs down. The lines are the reader's own. Where there is no room for columns each
//! step has a line with the thread's name in it.

mod columns;
pub(crate) mod names;
mod record;
mod replay;
mod rounds;
mod simplest;
mod terminal;

pub(crate) use record::{Ended, Trouble, Watch};
pub(crate) use replay::replay;
pub(crate) use simplest::report;
pub use terminal::{terminal_colour, terminal_width};

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;

use crate::failure::{Event, Failure, Kind};

/// Of a run with more events than this, the middle is left out.
const EVENTS_MAX: usize = 80;

/// A schedule that is longer than this, in bytes, is nothing to be copied by hand.
const SCHEDULE_MAX: usize = 2_000;

/// How many of them are shown of its beginning.
const EVENTS_FIRST: usize = 10;

/// How wide a report is for a reader of whom nothing is known.
const WIDTH: usize = 100;

/// Wider lines are hard to read, whatever the terminal has.
const WIDTH_MAX: usize = 160;

/// ANSI sequences, or nothing.
#[derive(Clone, Copy, Debug)]
struct Paint(bool);

impl Paint {
    const BAD: &'static str = "\x1b[31m";
    const OLD: &'static str = "\x1b[33m";
    const SOFT: &'static str = "\x1b[2m";
    const STRONG: &'static str = "\x1b[1m";

    fn on(self, style: &str, text: &str) -> String {
        if self.0 && !text.is_empty() {
            format!("{style}{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

impl Failure {
    /// The whole report as it suits standard output: as wide as the terminal, and in colours
    /// if it shows them. In a pipe it is as wide as `COLUMNS` says, or else 100 columns.
    pub fn report_for_terminal(&self) -> String {
        let width = terminal_width().unwrap_or(WIDTH).min(WIDTH_MAX);
        self.report(width, terminal_colour())
    }

    /// The whole report, at most `width` columns wide, with ANSI colours if `colour`.
    pub fn report(&self, width: usize, colour: bool) -> String {
        let paint = Paint(colour);
        let mut text = String::new();
        if !self.model.is_empty() {
            let _ = writeln!(text, "model: {}", self.model);
        }
        let said = format!("{}: {}", self.kind, self.sentence);
        for line in wrap(&said, width) {
            let style = if self.kind == Kind::TooLarge {
                Paint::OLD
            } else {
                Paint::BAD
            };
            let _ = writeln!(text, "{}", paint.on(style, &line));
        }
        if let Some(at) = &self.at {
            let _ = writeln!(text, "  at {}", names::from_top(at));
        }
        let details = self.details(width, colour);
        if !details.is_empty() {
            let _ = write!(text, "\n{details}");
        }
        text
    }

    /// The report without its first lines: the run in columns, the hint, the place in the
    /// book, and the schedule.
    pub fn details(&self, width: usize, colour: bool) -> String {
        let paint = Paint(colour);
        let mut parts = Vec::new();
        if !self.events.is_empty() {
            let mut run = String::new();
            if let [event, rest @ ..] = &self.events[..]
                && rest.iter().all(|other| other.file == event.file)
            {
                let file = short(event.file, &BTreeSet::new());
                let _ =
                    writeln!(run, "{}", paint.on(Paint::SOFT, &format!("  {file}")));
            }
            run.push_str(&columns::draw(&self.shown(), &self.threads, width, paint));
            if self.events.iter().any(|event| event.old) {
                let legend = "OLD: the value had been overwritten, and nothing that the \
                              thread has seen so far forbids to read it.";
                run.push('\n');
                for line in wrap(legend, width) {
                    let _ = writeln!(run, "{}", paint.on(Paint::SOFT, &line));
                }
            }
            parts.push(run);
        }
        let mut help = String::new();
        if let Some(hint) = &self.hint {
            for line in wrap(&format!("hint: {hint}"), width) {
                let _ = writeln!(help, "{line}");
            }
        }
        if let Some(section) = &self.section {
            let _ = writeln!(help, "read: {section}");
        }
        if !self.events.is_empty() {
            // Not broken into lines: it is there to be copied.
            let _ = if self.schedule.len() <= SCHEDULE_MAX {
                writeln!(help, "replay: Model::replay({:?})", self.schedule)
            } else {
                writeln!(help, "replay: the schedule is too long to be shown here")
            };
        }
        if !help.is_empty() {
            parts.push(help);
        }
        parts.join("\n")
    }

    /// The events, without the rounds of a loop that never ends, and without the middle of
    /// a run that is too long to be read.
    fn shown(&self) -> Vec<Row<'_>> {
        let files: BTreeSet<&str> =
            self.events.iter().map(|event| event.file).collect();
        let events = match self.kind {
            Kind::Livelock => rounds::once_each(&self.events),
            _ => self.events.iter().map(Cow::Borrowed).collect(),
        };
        let count = events.len();
        let mut rows: Vec<Row<'_>> = events
            .into_iter()
            .map(|event| Row::new(event, &files))
            .collect();
        if count > EVENTS_MAX {
            let tail = count - (EVENTS_MAX - EVENTS_FIRST);
            let gap = Row::Gap(tail - EVENTS_FIRST);
            rows.splice(EVENTS_FIRST..tail, [gap]);
        }
        rows
    }
}

/// One row of the table.
#[derive(Debug)]
enum Row<'a> {
    /// An event, and its line as `file:line`.
    Event(Cow<'a, Event>, String),
    /// So many events are left out.
    Gap(usize),
}

impl<'a> Row<'a> {
    fn new(event: Cow<'a, Event>, files: &BTreeSet<&str>) -> Self {
        // Of one file, its name is said once, above the table.
        let place = if files.len() == 1 {
            format!("{}", event.line)
        } else {
            format!("{}:{}", short(event.file, files), event.line)
        };
        Self::Event(event, place)
    }
}

/// The file's name; with its folder if there are two of that name.
fn short<'a>(file: &'a str, files: &BTreeSet<&str>) -> &'a str {
    let tail = |file: &'a str, parts: usize| {
        let separator = |c| c == '/' || c == '\\';
        let start = file.rmatch_indices(separator).nth(parts - 1);
        start.map_or(file, |(at, _)| &file[at + 1..])
    };
    let name = tail(file, 1);
    let same = |other: &&&str| {
        other.ends_with(name)
            && other[..other.len() - name.len()].ends_with(['/', '\\'])
    };
    if files.iter().filter(same).count() > 1 {
        tail(file, 2)
    } else {
        name
    }
}

/// Breaks text into lines of at most `width` columns. A word that is longer stays whole.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split_whitespace() {
            let more = word.chars().count();
            if length > 0 && length + 1 + more > width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += more;
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Found, Record};
    use crate::model::Stats;

    fn event(thread: usize, step: usize, text: &str, old: bool) -> Event {
        Event {
            thread,
            step,
            file: "exercises/03/src/e1_spin.rs",
            line: 10 + u32::try_from(step).unwrap(),
            text: text.to_owned(),
            old,
        }
    }

    fn failure() -> Failure {
        let sentence = "t2 writes value, which t1 wrote, and nothing orders the two";
        let found = Found::new(Kind::DataRace, sentence.to_owned(), None);
        let mut failure = *Failure::new(found, &Stats::default(), Record::default());
        failure.model = "two threads, one lock".to_owned();
        failure.at = Some("exercises/03/src/e1_spin.rs:13".to_owned());
        failure.threads = ["main", "t1", "t2"].map(str::to_owned).to_vec();
        failure.schedule = "1*2 2.1".to_owned();
        failure.events = vec![
            event(1, 1, "locked.take(true, Acquire) -> false", false),
            event(1, 2, "locked.leave(false, Relaxed)", false),
            event(2, 3, "locked.look(Acquire) -> false", true),
        ];
        failure.hint = Some("what does the unlock publish?".to_owned());
        failure.section = Some("04_explorer.md#reading".to_owned());
        failure
    }

    #[test]
    fn a_report_has_a_column_for_each_thread() {
        assert_eq!(
            failure().report(100, false),
            "\
model: two threads, one lock
DATA RACE: t2 writes value, which t1 wrote, and nothing orders the two
  at exercises/03/src/e1_spin.rs:13

  e1_spin.rs
  step  line  main  t1                                   t2
     1  11          locked.take(true, Acquire) -> false
     2  12          locked.leave(false, Relaxed)
     3  13                                               locked.look(Acquire) -> false  OLD

OLD: the value had been overwritten, and nothing that the thread has seen so far forbids to read it.

hint: what does the unlock publish?
read: 04_explorer.md#reading
replay: Model::replay(\"1*2 2.1\")
"
        );
    }

    #[test]
    fn a_narrow_column_breaks_its_lines() {
        let text = failure().details(76, false);
        let table: Vec<&str> = text.lines().take(7).collect();
        assert_eq!(
            table,
            [
                "  e1_spin.rs",
                "  step  line  main  t1                           t2",
                "     1  11          locked.take(true, Acquire)",
                "                    -> false",
                "     2  12          locked.leave(false,",
                "                    Relaxed)",
                "     3  13                                       locked.look(Acquire) ->",
            ],
            "{text}"
        );
    }

    #[test]
    fn a_narrow_terminal_gets_a_line_for_each_step() {
        let text = failure().details(40, false);
        assert!(
            text.starts_with(
                "  e1_spin.rs\n  threads: main, t1, t2\n  step  thread  line\n\
                 \x20    1  t1      11\n\
                 \x20               locked.take(true,\n\
                 \x20               Acquire) -> false\n"
            ),
            "{text}"
        );
        assert!(text.contains("false  OLD\n"), "{text}");
    }

    #[test]
    fn where_there_is_room_a_step_is_one_line() {
        let mut failure = failure();
        failure.threads.extend(["t3", "t4"].map(str::to_owned));
        let text = failure.details(60, false);
        assert!(
            text.contains(
                "\n     1  t1      11    locked.take(true, Acquire) -> false\n\
                 \x20    2  t1      12    locked.leave(false, Relaxed)\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_step_has_its_number_once_also_in_a_list() {
        let mut failure = failure();
        failure.events[1].step = 1;
        let text = failure.details(40, false);
        assert!(text.contains("\n        t1      12\n"), "{text}");
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_at_a_mark() {
        let mut failure = failure();
        let text = "the_state.take_it_or_leave(0, 1, Acquire) ok";
        failure.events[0].text = text.to_owned();
        let text = failure.details(40, false);
        assert!(text.contains("  the_state.\n"), "{text}");
        assert!(text.contains("  take_it_or_leave(0, 1,\n"), "{text}");
    }

    #[test]
    fn several_files_are_named_at_each_step() {
        let mut failure = failure();
        failure.events[1].file = "exercises/03/tests/e1/model.rs";
        let text = failure.details(100, false);
        assert!(text.contains("     2  model.rs:12  "), "{text}");
        assert!(!text.contains("\n  e1_spin.rs\n"), "{text}");
    }

    #[test]
    fn no_line_is_wider_than_asked_but_what_is_to_be_copied() {
        for width in 30..140 {
            for line in failure().report(width, false).lines() {
                let copied = line.starts_with("replay") || line.starts_with("  at ");
                assert!(copied || line.chars().count() <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn colours_only_if_asked() {
        assert!(!failure().report(100, false).contains('\x1b'));
        let coloured = failure().report(100, true);
        assert!(coloured.contains("\x1b[33m"));
        // The same text once the colours are taken out.
        let mut plain = coloured;
        for code in [
            Paint::BAD,
            Paint::OLD,
            Paint::SOFT,
            Paint::STRONG,
            "\x1b[0m",
        ] {
            plain = plain.replace(code, "");
        }
        assert_eq!(plain, failure().report(100, false));
    }

    #[test]
    fn the_middle_of_a_long_run_is_left_out() {
        let mut failure = failure();
        failure.events = (1..=300).map(|step| event(1, step, "x", false)).collect();
        let text = failure.details(100, false);
        assert!(text.contains("220 more"), "{text}");
        assert!(text.lines().count() < EVENTS_MAX + 8);
        assert!(text.contains("   300  310 "), "{text}");
    }

    #[test]
    fn files_of_one_name_are_told_apart() {
        let files = BTreeSet::from(["a/b/mod.rs", "a/c/mod.rs", "a/cmod.rs"]);
        assert_eq!(short("a/b/mod.rs", &files), "b/mod.rs");
        assert_eq!(short("a/cmod.rs", &files), "cmod.rs");
    }
}
