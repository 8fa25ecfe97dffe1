//! Property: the output that `examples/pitfalls/main.rs` promises in its first lines is what
//! it prints; one pitfall alone prints its part; and the book shows these parts.
//!
//! After a change of the explorer, this writes the promise and the book's file anew; look at
//! the difference: `THREADBARE_WRITE=1 cargo test --test pitfalls_print_what_they_say`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::{env, fs};

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
    let path = at_root("examples/pitfalls/main.rs");
    let source = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let (before, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, after) = rest.split_once("//! ```\n").unwrap();
    let line = |line: &str| format!("{}\n", format!("//! {line}").trim_end());
    let printed: String = output_of(&[]).lines().map(line).collect();
    if writes() {
        let text = format!("{before}//! ```text\n{printed}//! ```\n{after}");
        return fs::write(path, text).unwrap();
    }
    if cfg!(not(unix)) {
        // There is no loop, so the last two are missing.
        return assert!(promise.starts_with(&printed), "{printed}");
    }
    assert_eq!(promise, printed);
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
    let path = at_root("book/src/pitfalls/output.txt");
    if writes() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        return fs::write(path, book).unwrap();
    }
    let shown = fs::read_to_string(path).unwrap_or_default();
    let shown = shown.replace("\r\n", "\n");
    if cfg!(not(unix)) {
        return assert!(shown.starts_with(&book), "{book}");
    }
    assert_eq!(shown, book);
}

#[test]
fn what_is_no_pitfall_is_refused() {
    let bad: [&[&str]; 3] = [&["dead_lock"], &["--all"], &["unjoined", "data_race"]];
    for arguments in bad {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains("\nusage: "), "{complaint}");
        assert!(complaint.contains(&NAMES.join(", ")), "{complaint}");
    }
    assert!(output_of(&["--help"]).starts_with("usage: "));
}

fn writes() -> bool {
    env::var_os("THREADBARE_WRITE").is_some()
}

fn run(arguments: &[&str]) -> Output {
    Command::new(&*EXAMPLE).args(arguments).output().unwrap()
}

fn output_of(arguments: &[&str]) -> String {
    let output = run(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the example failed: {complaint}");
    // Where a path is shown, it is shown as this machine writes it.
    let text = String::from_utf8(output.stdout).unwrap();
    text.replace("\r\n", "\n").replace('\\', "/")
}

fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Looked for once, and so before anything is written.
static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(example);

/// The program that `cargo test` has built from the example: tests lie in `deps`, examples
/// beside that folder.
fn example() -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let name = format!("pitfalls{}", env::consts::EXE_SUFFIX);
    let program = folder.join("examples").join(name);
    let written =
        |path: &Path| fs::metadata(path).and_then(|found| found.modified());
    let sources = at_root("examples/pitfalls").read_dir().unwrap();
    let newest = sources
        .map(|entry| written(&entry.unwrap().path()).unwrap())
        .max();
    let is_new = written(&program).is_ok_and(|program| Some(program) >= newest);
    // `cargo test` builds the examples, `cargo test --test NAME` does not.
    assert!(is_new, "first run: cargo build --example pitfalls");
    program
}
