//! `examples/00_measuring.rs` says at its head what a reader will see. Is it true?

// Its `main` is what `cargo run --example` calls; here only the story is.
#[allow(dead_code, reason = "the example's main is not called")]
#[path = "../examples/00_measuring.rs"]
mod example;

use threadbare::testkit;

/// The lines between the fences at the head of the example.
fn promised() -> Vec<String> {
    let lines = include_str!("../examples/00_measuring.rs").lines();
    let head = lines.map_while(|line| line.strip_prefix("//!"));
    let block = head.skip_while(|line| *line != " ```text").skip(1);
    block
        .take_while(|line| *line != " ```")
        .map(|line| line[1..].to_string())
        .collect()
}

/// `line` without its figures, which differ from run to run.
fn shape(line: &str) -> String {
    let line = line.replace("debug", "release");
    let hide = |word: &str| match word.starts_with(|c: char| c.is_ascii_digit()) {
        true if word.ends_with(',') => "#,".to_string(),
        true => "#".to_string(),
        false => word.to_string(),
    };
    line.split(' ').map(hide).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_reader_sees_what_the_example_promises() {
    let printed = testkit::within(std::time::Duration::from_secs(60), || {
        let mut out = Vec::new();
        example::tell(&mut out).expect("a vector takes every write");
        String::from_utf8(out).expect("the example prints text")
    });
    let printed: Vec<_> = printed.lines().collect();
    let promised = promised();
    assert!(
        !promised.is_empty(),
        "no block of output found at the head of the example"
    );

    let shapes = |lines: &[&str]| lines.iter().map(|l| shape(l)).collect::<Vec<_>>();
    let promised_lines: Vec<_> = promised.iter().map(String::as_str).collect();
    assert_eq!(
        shapes(&printed),
        shapes(&promised_lines),
        "printed, promised"
    );

    // The simulation is the same on every machine, to the digit.
    let simulated = promised_lines
        .iter()
        .position(|line| line.starts_with("Closed"));
    let simulated = simulated.expect("the promise shows the closed loop");
    assert_eq!(printed[simulated..], promised_lines[simulated..]);
}
