//! Property: what `examples/09_http_parser.rs` promises in its first lines is what it prints,
//! and the chapter shows it.
//!
//! After a change, this writes both anew, in two runs; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 09_http_parser example`

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use threadbare::testkit;

const EXAMPLE: &str = "examples/09_http_parser.rs";
const SHOWN: &str = "book/src/09_http_parser/example.txt";
/// The example is over at once.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn the_promise_is_kept() {
    let source = read(EXAMPLE);
    let (before, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, after) = rest.split_once("//! ```\n").unwrap();
    let output = testkit::within(LIMIT, || Command::new(example()).output());
    let output = output.unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the example failed: {complaint}");
    let printed = String::from_utf8(output.stdout).unwrap();
    if env::var_os("THREADBARE_WRITE").is_some() {
        let line = |line: &str| format!("{}\n", format!("//! {line}").trim_end());
        let promise: String = printed.lines().map(line).collect();
        let text = format!("{before}//! ```text\n{promise}//! ```\n{after}");
        return fs::write(at_root(EXAMPLE), text).unwrap();
    }
    assert_eq!(without_margin(promise), printed.replace("\r\n", "\n"));
}

#[test]
fn the_chapter_shows_what_is_promised() {
    let source = read(EXAMPLE);
    let (_, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, _) = rest.split_once("//! ```\n").unwrap();
    let text = with_anchors(&without_margin(promise));
    if env::var_os("THREADBARE_WRITE").is_some() {
        return fs::write(at_root(SHOWN), text).unwrap();
    }
    assert_eq!(read(SHOWN), text);
}

/// All of it is `story`, and each numbered step is an anchor of its own: `step_1` ...
fn with_anchors(promise: &str) -> String {
    let mut text = String::from("ANCHOR: story\n");
    let mut number = 0;
    for line in promise.lines() {
        if line.starts_with(&format!("{}. ", number + 1)) {
            if number > 0 {
                text += &format!("ANCHOR_END: step_{number}\n");
            }
            number += 1;
            text += &format!("ANCHOR: step_{number}\n");
        }
        text += line;
        text += "\n";
    }
    text + &format!("ANCHOR_END: step_{number}\nANCHOR_END: story\n")
}

fn without_margin(promise: &str) -> String {
    let line = |line: &str| {
        let line = line.strip_prefix("//!").unwrap_or_default();
        format!("{}\n", line.strip_prefix(' ').unwrap_or(line))
    };
    promise.lines().map(line).collect()
}

fn read(path: &str) -> String {
    let text = fs::read_to_string(at_root(path)).unwrap_or_default();
    text.replace("\r\n", "\n")
}

fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program that `cargo test` has built from the example: tests lie in `deps`, examples
/// beside that folder.
fn example() -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let name = format!("09_http_parser{}", env::consts::EXE_SUFFIX);
    let program = folder.join("examples").join(name);
    let written =
        |path: &Path| fs::metadata(path).and_then(|found| found.modified());
    let is_new = matches!(
        (written(&program), written(&at_root(EXAMPLE))),
        (Ok(program), Ok(source)) if program >= source
    );
    // `cargo test` builds the examples, `cargo test --test NAME` does not.
    assert!(is_new, "first run: cargo build --example 09_http_parser");
    program
}
