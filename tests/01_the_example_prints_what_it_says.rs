//! Property: the output that `examples/01_threads.rs` promises in its first lines is what it
//! prints, and with `--forget` the thread that nobody waits for is cut off.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const SOURCE: &str = include_str!("../examples/01_threads.rs");

#[test]
fn the_promise_is_kept() {
    let promised: String = SOURCE
        .lines()
        .skip_while(|line| *line != "//! ```text")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| format!("{}\n", line.strip_prefix("//! ").unwrap_or_default()))
        .collect();
    assert_eq!(output_of(&[]), promised);
}

#[test]
fn a_forgotten_thread_is_cut_off() {
    let printed = output_of(&["--forget"]);
    assert_eq!(
        printed,
        "saving part 1 of 3\nmain: all is on its way, goodbye\n"
    );
}

fn output_of(arguments: &[&str]) -> String {
    let output = Command::new(example()).args(arguments).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the example failed: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// The program that `cargo test` has built from the example: tests lie in `deps`, examples
/// beside that folder.
fn example() -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let name = format!("01_threads{}", env::consts::EXE_SUFFIX);
    let program = folder.join("examples").join(name);
    let written =
        |path: &Path| fs::metadata(path).and_then(|found| found.modified());
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/01_threads.rs");
    let is_new =
        matches!((written(&program), written(&source)), (Ok(p), Ok(s)) if p >= s);
    // `cargo test` builds the examples, `cargo test --test NAME` does not.
    assert!(is_new, "first run: cargo build --example 01_threads");
    program
}
