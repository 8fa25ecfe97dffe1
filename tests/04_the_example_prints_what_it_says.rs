//! Property: the output that `examples/04_explorer.rs` promises in its first lines is what it
//! prints, and `--replay` runs one schedule, or says why it can't.
//!
//! After a change of the explorer, this writes the promise anew; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 04_the_example_prints_what_it_says`

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

const SOURCE: &str = include_str!("../examples/04_explorer.rs");

#[test]
fn the_promise_is_kept() {
    let (before, rest) = SOURCE.split_once("//! ```text\n").unwrap();
    let (promise, after) = rest.split_once("//! ```\n").unwrap();
    let printed = output_of(&[]);
    if env::var_os("THREADBARE_WRITE").is_some() {
        let line = |line: &str| format!("{}\n", format!("//! {line}").trim_end());
        let promise: String = printed.lines().map(line).collect();
        let text = format!("{before}//! ```text\n{promise}//! ```\n{after}");
        return fs::write(source(), text).unwrap();
    }
    let line = |line: &str| {
        let line = line.strip_prefix("//!").unwrap_or_default();
        format!("{}\n", line.strip_prefix(' ').unwrap_or(line))
    };
    let promised: String = promise.lines().map(line).collect();
    assert_eq!(without_luck(&printed), without_luck(&promised));
}

/// What the stress test counts is up to the processor. On x86 nothing is ever lost.
fn without_luck(text: &str) -> String {
    let exact = cfg!(any(target_arch = "x86_64", target_arch = "x86"));
    let count = |line: &&str| line.contains("updates were made") && !exact;
    let lines: Vec<&str> = text.lines().filter(|line| !count(line)).collect();
    lines.join("\n")
}

#[test]
fn a_schedule_is_replayed() {
    let lost = output_of(&["--replay", "0*4 1 1.1"]);
    assert!(lost.contains("the counter says 1"), "{lost}");
    assert_eq!(output_of(&["--replay", "0*4 1*4"]), "nothing goes wrong\n");
}

#[test]
fn what_cannot_be_done_is_refused() {
    let bad: [&[&str]; 4] = [
        &["--replay"],
        &["--replay", "0*4 7"],
        &["--replay", "one step"],
        &["--reply", "0*4"],
    ];
    for arguments in bad {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            complaint.contains("\nusage: "),
            "{arguments:?}: {complaint}"
        );
    }
    assert!(output_of(&["--help"]).starts_with("usage: "));
}

fn run(arguments: &[&str]) -> Output {
    Command::new(example()).args(arguments).output().unwrap()
}

fn output_of(arguments: &[&str]) -> String {
    let output = run(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the example failed: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/04_explorer.rs")
}

/// The program that `cargo test` has built from the example: tests lie in `deps`, examples
/// beside that folder.
fn example() -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let name = format!("04_explorer{}", env::consts::EXE_SUFFIX);
    let program = folder.join("examples").join(name);
    let written =
        |path: &Path| fs::metadata(path).and_then(|found| found.modified());
    let is_new =
        matches!((written(&program), written(&source())), (Ok(p), Ok(s)) if p >= s);
    // `cargo test` builds the examples, `cargo test --test NAME` does not.
    assert!(is_new, "first run: cargo build --example 04_explorer");
    program
}
