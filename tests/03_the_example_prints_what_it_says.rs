//! Property: the output that `examples/03_atomics.rs` promises in its first lines is what it
//! prints, the counts apart, and what chapter 03 shows of it.
//!
//! After a change, this writes both anew, in two runs; look at the difference. Where the
//! number of lines has changed, build the example and write once more, since reports name
//! lines:
//! `THREADBARE_WRITE=1 cargo test --test 03_the_example_prints_what_it_says`

#[path = "common/example.rs"]
mod example;

use example::{Example, is_shown, pieces};
use std::fmt::Write as _;

static EXAMPLE: Example = Example::new("03_atomics", &["examples/03_atomics.rs"]);
const PIECES: &str = "book/src/03_atomics/listings/example.txt";

/// What the chapter calls a part of the output, and how the part begins.
const PARTS: [(&str, &str); 5] = [
    ("two_steps", "1. "),
    ("fetch_add", "2. "),
    ("relaxed", "3. "),
    ("release_acquire", "4. "),
    ("litmus", "5. "),
];

#[test]
fn the_promise_is_kept() {
    EXAMPLE.has_promised(&EXAMPLE.output_of(&[]), without_counts);
}

#[test]
fn the_chapter_shows_what_is_promised() {
    is_shown(PIECES, &pieces(&EXAMPLE.promise(), &PARTS));
}

/// What is allowed is the same everywhere. How often it is seen, and on how many cores, is
/// up to the machine; only what is forbidden is seen on none.
fn without_counts(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        if let Some(column) = line.find(" allowed ").or(line.find(" allowed* ")) {
            let (verdict, seen) = line.split_at(column + " allowed* ".len());
            let count = seen.trim().strip_suffix(" times");
            let count = count.and_then(|count| count.parse::<usize>().ok());
            let is_count = count.is_some_and(|count| count > 0);
            assert!(
                is_count || seen.trim() == "not observed on this CPU",
                "{line}"
            );
            let _ = writeln!(kept, "{verdict}");
        } else if let Some((question, _)) = line.split_once(", cores: ") {
            let _ = writeln!(kept, "{question}");
        } else if !line.contains("at once") && !line.contains("at a time") {
            let _ = writeln!(kept, "{line}");
        }
    }
    kept
}
