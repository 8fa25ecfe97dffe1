//! Property: what `examples/06_work_stealing.rs` promises in its first lines is what it
//! prints, but for the figures that differ from run to run; the chapter shows it; and its
//! flag does what it says, or says in one line why not.
//!
//! After a change, this writes both anew, in two runs; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --release --test 06_the_example_prints_what_it_says`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

const EXAMPLE: &str = "examples/06_work_stealing.rs";
const PIECES: &str = "book/src/06_work_stealing/example.txt";

/// What the chapter calls a part of the output, and how the part begins.
const PARTS: [(&str, &str); 3] = [("rows", "1. "), ("sort", "2. "), ("tree", "3. ")];

#[test]
fn the_promise_is_kept() {
    let source = fs::read_to_string(at_root(EXAMPLE)).unwrap();
    let (before, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, after) = rest.split_once("//! ```\n").unwrap();
    let output = run(&[]);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the example failed: {complaint}");
    let printed = String::from_utf8(output.stdout).unwrap();
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
    let kept = fs::read_to_string(at_root(PIECES)).unwrap();
    assert_eq!(kept.replace("\r\n", "\n"), text);
}

#[test]
fn a_trace_is_written_where_it_was_asked_for() {
    let file =
        env::temp_dir().join(format!("threadbare_{}.svg", std::process::id()));
    let output = run(&["--trace", file.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with(file.to_str().unwrap()),
        "it says where: {said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    let drawn = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(drawn.starts_with("<svg ") && drawn.trim_end().ends_with("</svg>"));
    for lane in [">0<", ">1<", ">2<", ">3<"] {
        assert!(drawn.contains(lane), "no lane {lane}: {drawn}");
    }
}

#[test]
fn what_it_cannot_do_it_says_in_one_line() {
    let folder = env::temp_dir();
    let output = run(&["--trace", folder.to_str().unwrap()]); // a folder is no file
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(folder.to_str().unwrap()), "{said}");

    for arguments in [&["--trace"][..], &["--trance", "x"], &["--trace", "a", "b"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("usage: 06_work_stealing "), "{said}");
        assert!(output.stdout.is_empty());
    }
}

/// The text with its figures hidden where they depend on the machine, and one space in the
/// place of several. Only the lines about workers have such figures.
fn shape(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let is_about_workers = ["executed", "stolen", "parked"]
            .iter()
            .any(|what| line.contains(what));
        let words = line.split_whitespace().map(|word| {
            let is_figure = word.bytes().all(|byte| byte.is_ascii_digit());
            if is_about_workers && is_figure {
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

fn run(arguments: &[&str]) -> Output {
    Command::new(example()).args(arguments).output().unwrap()
}

fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program that `cargo test` has built from the example: tests lie in `deps`, examples
/// beside that folder.
fn example() -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let name = format!("06_work_stealing{}", env::consts::EXE_SUFFIX);
    let program = folder.join("examples").join(name);
    let written =
        |path: &Path| fs::metadata(path).and_then(|found| found.modified());
    let is_new = matches!(
        (written(&program), written(&at_root(EXAMPLE))),
        (Ok(program), Ok(source)) if program >= source
    );
    // `cargo test` builds the examples, `cargo test --test NAME` does not.
    assert!(is_new, "first run: cargo build --example 06_work_stealing");
    program
}
