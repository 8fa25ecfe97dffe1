//! Property: the output that `examples/02_locks.rs` promises in its first lines is what it
//! prints, and what chapter 02 shows of it.
//!
//! After a change, this writes both anew, in two runs; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 02_the_example_prints_what_it_says`

#[path = "common/example.rs"]
mod example;

use example::{Example, is_shown, pieces};

static EXAMPLE: Example = Example::new("02_locks", &["examples/02_locks.rs"]);
const PIECES: &str = "book/src/02_locks/example.txt";

/// What the chapter calls a part of the output, and how the part begins.
const PARTS: [(&str, &str); 7] = [
    ("oversold", "1. "),
    ("if", "2. "),
    ("queue", "3. "),
    ("readers", "4. "),
    ("stuck", "5. "),
    ("deadlock", "model: two transfers"),
    ("graph", "6. "),
];

#[test]
fn the_promise_is_kept() {
    let printed = EXAMPLE.output_of(&[]);
    let printed = printed.replace('\\', "/"); // a path, on Windows
    EXAMPLE.has_promised(&printed, str::to_owned);
}

#[test]
fn the_chapter_shows_what_is_promised() {
    is_shown(PIECES, &pieces(&EXAMPLE.promise(), &PARTS));
}
