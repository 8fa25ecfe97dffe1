//! Property: what `examples/07_event_loop.rs` promises in its first lines is what it prints,
//! but for the figures that differ from run to run; the chapter shows it; and what it serves
//! is an echo.
//!
//! After a change, this writes both anew, in two runs; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 07_the_example_prints_what_it_says`
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

#[path = "common/example.rs"]
mod example;

use example::{Example, is_shown, pieces};
use std::fmt::Write as _;

static EXAMPLE: Example =
    Example::new("07_event_loop", &["examples/07_event_loop.rs"]);
const SHOWN: &str = "book/src/07_event_loop/example.txt";

#[test]
fn the_promise_is_kept() {
    EXAMPLE.has_promised(&EXAMPLE.output_of(&[]), shape);
}

#[test]
fn the_chapter_shows_what_is_promised() {
    is_shown(SHOWN, &pieces(&EXAMPLE.promise(), &[("ticks", "")]));
}

#[test]
fn it_serves_and_says_where() {
    EXAMPLE.serves_an_echo();
}

#[test]
fn what_it_does_not_know_it_says_in_one_line() {
    EXAMPLE.knows_only("--serve");
}

/// The text without its figures, except those of steps and connections; without the name
/// of the kernel's interface; and with one space in the place of several.
fn shape(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        if line.starts_with("listening on ") {
            continue;
        }
        let mut before = "";
        for word in line.split_whitespace() {
            let is_figure = word.starts_with(|c: char| c.is_ascii_digit())
                && !word.ends_with('.')
                && before != "conn";
            let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
            let _ = match is_figure {
                true => write!(kept, "#{rest} "),
                false => write!(kept, "{word} "),
            };
            before = word;
        }
        kept.push('\n');
    }
    kept
}
