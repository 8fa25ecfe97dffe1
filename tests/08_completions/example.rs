//! What `examples/08_completions.rs` promises in its first lines is what it prints, whoever
//! does the work, but for the figures of steps 1 and 7; the chapter shows it; and what it
//! serves is an echo.
//!
//! After a change, this writes the example's lines anew, and with `the_chapter` in the place of
//! `the_promise` what the chapter shows; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 08_completions the_promise`

#[path = "../common/example.rs"]
mod common;

use common::{Example, is_shown, pieces};
use std::io::{self, Write as _};

static EXAMPLE: Example = Example::new(
    "08_completions",
    &[
        "examples/08_completions.rs",
        "examples/completions",
        "examples/server/say.rs",
    ],
);
const SHOWN: &str = "book/src/08_completions/example.txt";

#[test]
fn the_promise_is_kept() {
    EXAMPLE.has_promised(&EXAMPLE.output_of(&[]), shape);
}

#[test]
fn the_chapter_shows_what_is_promised() {
    let steps = [
        ("fails_first", "1."),
        ("backend", "2."),
        ("one_loop", "3."),
        ("cancel", "6."),
    ];
    is_shown(SHOWN, &pieces(&EXAMPLE.promise(), &steps));
}

/// Whoever does the work, the story is the same; and who it is, is said.
#[test]
fn each_backend_tells_the_same_story() {
    let readiness = EXAMPLE.output_of(&["--readiness"]);
    let named = ["epoll", "kqueue"].map(|name| format!("\n   by       {name}\n"));
    assert!(
        named.iter().any(|line| readiness.contains(line)),
        "{readiness}"
    );
    assert_eq!(shape(&readiness), shape(&EXAMPLE.promise()));

    let output = EXAMPLE.run(&["--io_uring"]);
    let said = String::from_utf8(output.stdout).unwrap();
    if output.status.success() {
        assert!(said.contains("\n   by       io_uring\n"), "{said}");
        assert_eq!(shape(&said), shape(&EXAMPLE.promise()));
        return;
    }
    // A kernel that refuses is told in one line, after the step that needs none.
    let why = String::from_utf8(output.stderr).unwrap();
    assert!(why.starts_with("08_completions: "), "{why}");
    assert_eq!((output.status.code(), why.lines().count()), (Some(1), 1));
    assert!(said.lines().last().unwrap().starts_with("2. "), "{said}");
    let _ = writeln!(io::stderr(), "SKIPPED: the story over io_uring: {why}");
}

#[test]
fn it_serves_and_says_where() {
    EXAMPLE.serves_an_echo();
}

#[test]
fn who_does_not_listen_makes_nobody_panic() {
    EXAMPLE.minds_no_listener("--serve");
}

#[test]
fn what_it_does_not_know_it_says_in_one_line() {
    EXAMPLE.knows_only("--readiness | --io_uring | --serve");
}

/// The text without the names of the kernel's interfaces, what readiness says of a file, how
/// long it took and how often the timer has fired.
fn shape(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let first = line.split_whitespace().next();
        if matches!(first, Some("by" | "epoll" | "kqueue")) {
            continue;
        }
        match line
            .split_once("kept the loop")
            .or(line.split_once("has fired "))
        {
            Some((before, _)) => kept += &format!("{before}#\n"),
            None => kept += &format!("{line}\n"),
        }
    }
    kept
}
