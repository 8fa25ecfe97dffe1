//! Colours, line breaks, and the way out to standard output.
//!
//! Text is always written with its colours. The stream takes them out again where nobody
//! can see them: in a pipe, with `NO_COLOR`, with `CLICOLOR=0`, on `TERM=dumb`.

use std::env;
use std::fmt::Write as _;
use std::io::{self, ErrorKind, IsTerminal, Write as _};
use std::process;

use anstyle::{AnsiColor, Style};

/// Solved, passed, added.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Failed, removed.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// In between: changed, not yet graded.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// What a reader can type or open.
pub(crate) const CODE: Style = AnsiColor::Cyan.on_default();
/// What matters less.
pub(crate) const SOFT: Style = Style::new().dimmed();
/// Headings.
pub(crate) const STRONG: Style = Style::new().bold();

/// Wider lines are hard to read, whatever the terminal has.
const WIDTH_MAX: usize = 100;

/// In less than this no text can be read.
const COLUMNS_MIN: usize = 20;

/// In a pipe nothing is broken into lines, unless `COLUMNS` asks for it: a sentence stays
/// one line for `grep`.
const WIDTH_PIPE: usize = usize::MAX;

/// Writes text to standard output. A reader of the pipe who has seen enough (`| head`)
/// ends the program quietly.
pub(crate) fn say(text: &str) {
    let mut out = anstream::stdout().lock();
    let done = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = done
        && error.kind() == ErrorKind::BrokenPipe
    {
        // What a shell makes of SIGPIPE: quiet, and not the status of a success.
        process::exit(141);
    }
}

/// How many columns a line of text may take.
pub(crate) fn width() -> usize {
    if io::stdout().is_terminal() {
        columns().min(WIDTH_MAX)
    } else {
        asked().unwrap_or(WIDTH_PIPE)
    }
}

/// How many columns a report may take that is set out in columns, and so is never broken
/// into lines.
pub(crate) fn report_width() -> usize {
    if io::stdout().is_terminal() {
        columns()
    } else {
        asked().unwrap_or(WIDTH_MAX)
    }
}

/// What `COLUMNS` is set to, if to a number that a line of text can have.
fn asked() -> Option<usize> {
    let columns = env::var("COLUMNS").ok()?.parse().ok()?;
    (columns >= COLUMNS_MIN).then_some(columns)
}

/// How many columns the terminal has.
pub(crate) fn columns() -> usize {
    match crossterm::terminal::size() {
        Ok((columns, _)) if columns > 0 => usize::from(columns),
        _ => 80,
    }
}

/// Breaks text into lines of at most `width` columns, each with the indent in front. A
/// word that is longer, such as a path, stays whole.
pub(crate) fn wrap(text: &str, indent: &str, width: usize) -> String {
    let room = width.saturating_sub(indent.chars().count()).max(16);
    let mut out = String::new();
    for paragraph in text.lines() {
        // What is set out in columns, such as a table of threads, keeps its own indent.
        let own: String = paragraph.chars().take_while(|c| *c == ' ').collect();
        let mut line = own.clone();
        let mut length = own.chars().count();
        let mut empty = true;
        for word in paragraph.split_whitespace() {
            let more = word.chars().count();
            if !empty && length + 1 + more > room {
                let _ = writeln!(out, "{indent}{line}");
                line.clone_from(&own);
                length = own.chars().count();
                empty = true;
            }
            if !empty {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += more;
            empty = false;
        }
        let _ = writeln!(out, "{}", format!("{indent}{line}").trim_end());
    }
    out
}

/// Each line of `text` in one style, so that a line break never carries a colour over.
pub(crate) fn styled(text: &str, style: Style) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let start = line.len() - line.trim_start().len();
        let _ =
            writeln!(out, "{}{style}{}{style:#}", &line[..start], &line[start..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_words_and_keep_the_indent() {
        assert_eq!(
            wrap("aaaa bbbb cccc dddd eeee", "  ", 18),
            "  aaaa bbbb cccc\n  dddd eeee\n"
        );
    }

    #[test]
    fn a_long_word_stays_whole() {
        let path = "exercises/01_threads/src/e1_parallel_sum.rs:33";
        assert_eq!(
            wrap(&format!("at {path} there"), "", 20),
            format!("at\n{path}\nthere\n")
        );
    }

    #[test]
    fn own_indents_and_empty_lines_are_kept() {
        assert_eq!(wrap("a\n\n  b", "> ", 40), "> a\n>\n>   b\n");
    }

    #[test]
    fn every_line_has_its_own_colour() {
        assert_eq!(
            styled("a\n  b\n", GOOD),
            "\u{1b}[32ma\u{1b}[0m\n  \u{1b}[32mb\u{1b}[0m\n"
        );
    }
}
