//! Loom and the explorer judge the same closures: they agree, or it is known why not.

use peers::agreement;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

#[test]
fn loom_agrees_or_it_is_known_why_not() {
    let report = agreement::compare(Path::new(env!("CARGO_BIN_EXE_peers")))
        .expect("the program `peers` runs");
    let text = report.to_file();
    // Not by `println!`, which is only seen if the test fails.
    io::stderr()
        .write_all(text.as_bytes())
        .expect("stderr is open");

    let problems = report.problems();
    assert!(problems.is_empty(), "{}", problems.join("\n"));

    let file = agreement::file();
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == text,
        "{} is out of date: cargo run -p peers -- agreement",
        file.display()
    );
}
