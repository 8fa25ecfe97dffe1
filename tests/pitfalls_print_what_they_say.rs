//! Property: the output that `examples/pitfalls/main.rs` promises in its first lines is what
//! it prints; one pitfall alone prints its part; and the book shows these parts.
//!
//! After a change of the explorer, this writes the promise and the book's file anew; look at
//! the difference: `THREADBARE_WRITE=1 cargo test --test pitfalls_print_what_they_say`

#[path = "common/example.rs"]
mod example;

use example::{Example, is_shown, read};
use std::fmt::Write as _;

static EXAMPLE: Example = Example::new(
    "pitfalls",
    &["examples/pitfalls/main.rs", "examples/pitfalls"],
);
const SHOWN: &str = "book/src/pitfalls/output.txt";
const NAMES: &[&str] = &[
    "unjoined",
    "data_race",
    "lock_order",
    "missed_unlock",
    "wrong_ordering",
    #[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
    "blocking_the_loop",
    #[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
    "wrong_tool",
];

#[test]
fn the_promise_is_kept() {
    let printed = output_of(&[]);
    if cfg!(not(unix)) {
        // There is no loop, so the last two are missing.
        return assert!(EXAMPLE.promise().starts_with(&printed), "{printed}");
    }
    EXAMPLE.has_promised(&printed, str::to_owned);
}

#[test]
fn each_alone_prints_its_part_and_the_book_shows_it() {
    let mut parts = Vec::new();
    let mut book = String::new();
    for name in NAMES {
        let part = output_of(&[name]);
        assert!(part.starts_with(&format!("== {name}: ")), "{part}");
        let _ = writeln!(book, "ANCHOR: {name}\n{part}ANCHOR_END: {name}");
        parts.push(part);
    }
    assert_eq!(output_of(&[]), parts.join("\n"));
    if cfg!(not(unix)) {
        return assert!(read(SHOWN).starts_with(&book), "{book}");
    }
    is_shown(SHOWN, &book);
}

#[test]
fn what_is_no_pitfall_is_refused() {
    let bad: [&[&str]; 3] = [&["dead_lock"], &["--all"], &["unjoined", "data_race"]];
    for arguments in bad {
        let output = EXAMPLE.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains("\nusage: "), "{complaint}");
        assert!(complaint.contains(&NAMES.join(", ")), "{complaint}");
    }
    assert!(output_of(&["--help"]).starts_with("usage: "));
}

fn output_of(arguments: &[&str]) -> String {
    // Where a path is shown, it is shown as this machine writes it.
    EXAMPLE.output_of(arguments).replace('\\', "/")
}
