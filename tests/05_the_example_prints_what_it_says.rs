//! Property: what `examples/05_futex_locks.rs` promises in its first lines is what it
//! prints, but for the figures that differ from run to run; and the chapter shows it.
//!
//! After a change, this writes both anew, in two runs; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --release --test 05_the_example_prints_what_it_says`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const EXAMPLE: &str = "examples/05_futex_locks.rs";
const PIECES: &str = "book/src/05_futex_locks/example.txt";

/// What the chapter calls a part of the output, and how the part begins.
const PARTS: [(&str, &str); 3] =
    [("held", "1. "), ("alone", "2. "), ("fight", "3. ")];

#[test]
fn the_promise_is_kept() {
    let source = fs::read_to_string(at_root(EXAMPLE)).unwrap();
    let (before, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, after) = rest.split_once("//! ```\n").unwrap();
    let printed = output();
    if env::var_os("THREADBARE_WRITE").is_some() {
        let line = |line: &str| format!("{}\n", format!("//! {line}").trim_end());
        let promise: String = printed.lines().map(line).collect();
        let text = format!("{before}//! ```text\n{promise}//! ```\n{after}");
        return fs::write(at_root(EXAMPLE), text).unwrap();
    }
    assert_eq!(shape(&without_margin(promise)), shape(&printed));
}

#[test]
fn the_chapter_shows_what_is_promised() {
    let source = fs::read_to_string(at_root(EXAMPLE)).unwrap();
    let (_, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, _) = rest.split_once("//! ```\n").unwrap();
    let promise = without_margin(promise);
    let mut text = String::new();
    for (index, (anchor, begin)) in PARTS.iter().enumerate() {
        let is_next = |line: &str| {
            let next = PARTS.get(index + 1);
            next.is_some_and(|(_, begin)| line.starts_with(begin))
        };
        let _ = writeln!(text, "ANCHOR: {anchor}");
        let part = promise.lines().skip_while(|line| !line.starts_with(begin));
        for line in part.take_while(|line| !is_next(line)) {
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "ANCHOR_END: {anchor}");
    }
    if env::var_os("THREADBARE_WRITE").is_some() {
        return fs::write(at_root(PIECES), text).unwrap();
    }
    assert_eq!(fs::read_to_string(at_root(PIECES)).unwrap(), text);
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

fn without_margin(promise: &str) -> String {
    let line = |line: &str| {
        let line = line.strip_prefix("//!").unwrap_or_default();
        format!("{}\n", line.strip_prefix(' ').unwrap_or(line))
    };
    promise.lines().map(line).collect()
}

fn output() -> String {
    let output = Command::new(example()).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the example failed: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program that `cargo test` has built from the example: tests lie in `deps`, examples
/// beside that folder.
fn example() -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let name = format!("05_futex_locks{}", env::consts::EXE_SUFFIX);
    let program = folder.join("examples").join(name);
    let written =
        |path: &Path| fs::metadata(path).and_then(|found| found.modified());
    let is_new = matches!(
        (written(&program), written(&at_root(EXAMPLE))),
        (Ok(program), Ok(source)) if program >= source
    );
    // `cargo test` builds the examples, `cargo test --test NAME` does not.
    assert!(is_new, "first run: cargo build --example 05_futex_locks");
    program
}
