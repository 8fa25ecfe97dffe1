//! Property: what `examples/05_futex_locks.rs` promises in its first lines is what it
//! prints, but for the figures that differ from run to run; and the chapter shows it.
//!
//! After a change, this writes both anew, in two runs; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --release --test 05_the_example_prints_what_it_says`

#[path = "common/example.rs"]
mod example;

use example::{Example, is_shown, pieces};
use std::fmt::Write as _;

static EXAMPLE: Example =
    Example::new("05_futex_locks", &["examples/05_futex_locks.rs"]);
const PIECES: &str = "book/src/05_futex_locks/example.txt";

/// What the chapter calls a part of the output, and how the part begins.
const PARTS: [(&str, &str); 3] =
    [("held", "1. "), ("alone", "2. "), ("fight", "3. ")];

#[test]
fn the_promise_is_kept() {
    EXAMPLE.has_promised(&EXAMPLE.output_of(&[]), shape);
}

#[test]
fn the_chapter_shows_what_is_promised() {
    is_shown(PIECES, &pieces(&EXAMPLE.promise(), &PARTS));
}

/// The text with its figures hidden where they depend on the machine, and one space in the
/// place of several. Of the first two parts only times and sleeps do; of the third all.
fn shape(text: &str) -> String {
    let mut part = "";
    let mut kept = String::new();
    for line in text.lines() {
        let is_title = line.starts_with(|first: char| first.is_ascii_digit());
        if is_title {
            part = &line[..1];
        }
        let words = line.split_whitespace().map(|word| {
            let is_figure = word.starts_with(|first: char| first.is_ascii_digit());
            if is_figure && !is_title && part != "2" {
                "#"
            } else {
                word
            }
        });
        let _ = writeln!(kept, "{}", words.collect::<Vec<_>>().join(" "));
    }
    kept
}
