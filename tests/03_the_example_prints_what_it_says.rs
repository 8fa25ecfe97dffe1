//! Property: the output that `examples/03_atomics.rs` promises in its first lines is what it
//! prints, the counts apart, and what chapter 03 shows of it.
//!
//! After a change, this writes both anew; look at the difference. Where the number of lines
//! has changed, build the example and write once more, since reports name lines:
//! `THREADBARE_WRITE=1 cargo test --test 03_the_example_prints_what_it_says`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const EXAMPLE: &str = "examples/03_atomics.rs";
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
    let source = fs::read_to_string(at_root(EXAMPLE)).unwrap();
    let (before, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, after) = rest.split_once("//! ```\n").unwrap();
    let printed = output();
    if env::var_os("THREADBARE_WRITE").is_some() {
        let line = |line: &str| format!("{}\n", format!("//! {line}").trim_end());
        let promise: String = printed.lines().map(line).collect();
        let text = format!("{before}//! ```text\n{promise}//! ```\n{after}");
        fs::write(at_root(EXAMPLE), text).unwrap();
        return fs::write(at_root(PIECES), pieces(&printed)).unwrap();
    }
    let promise = without_margin(promise);
    assert_eq!(without_counts(&printed), without_counts(&promise));
}

#[test]
fn the_chapter_shows_what_is_promised() {
    if env::var_os("THREADBARE_WRITE").is_some() {
        return; // the other test writes both
    }
    let source = fs::read_to_string(at_root(EXAMPLE)).unwrap();
    let (_, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, _) = rest.split_once("//! ```\n").unwrap();
    let shown = fs::read_to_string(at_root(PIECES)).unwrap();
    assert_eq!(shown, pieces(&without_margin(promise)));
}

/// The output, with the anchors by which the chapter includes its parts.
fn pieces(printed: &str) -> String {
    let mut text = String::new();
    for (index, (anchor, begin)) in PARTS.iter().enumerate() {
        let is_next = |line: &str| {
            let next = PARTS.get(index + 1);
            next.is_some_and(|(_, begin)| line.starts_with(begin))
        };
        let _ = writeln!(text, "ANCHOR: {anchor}");
        let part = printed.lines().skip_while(|line| !line.starts_with(begin));
        for line in part.take_while(|line| !is_next(line)) {
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "ANCHOR_END: {anchor}");
    }
    text
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

fn without_margin(text: &str) -> String {
    let line = |line: &str| {
        let line = line.strip_prefix("//!").unwrap_or_default();
        format!("{}\n", line.strip_prefix(' ').unwrap_or(line))
    };
    text.lines().map(line).collect()
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
    let name = format!("03_atomics{}", env::consts::EXE_SUFFIX);
    let program = folder.join("examples").join(name);
    let written =
        |path: &Path| fs::metadata(path).and_then(|found| found.modified());
    let is_new = matches!(
        (written(&program), written(&at_root(EXAMPLE))),
        (Ok(program), Ok(source)) if program >= source
    );
    // `cargo test` builds the examples, `cargo test --test NAME` does not.
    assert!(is_new, "first run: cargo build --example 03_atomics");
    program
}
