//! The program `ladder`, from the outside.
#![cfg(unix)]

use std::process::{Command, Output};
use std::time::Duration;
use threadbare::testkit::within;

fn ladder(args: &str) -> Output {
    within(Duration::from_secs(120), || {
        let program = env!("CARGO_BIN_EXE_ladder");
        let args = args.split_whitespace();
        Command::new(program)
            .args(args)
            .output()
            .expect("it is built")
    })
}

#[test]
fn the_check_names_each_rung() {
    let output = ladder("--check");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for rung in ["thread_per_connection", "thread_pool", "completion_loop"] {
        assert!(said.contains(&format!("{rung}: answers all ")), "{said}");
    }
    assert!(
        !said.contains("requests/s"),
        "--check measures nothing: {said}"
    );
}

/// A debug build measures nothing worth keeping, so this leaves no file behind.
#[test]
fn a_small_climb_ends_with_a_table() {
    let output = ladder(
        "--rung thread_per_connection --conns 2 --pipeline 0 --rate 0 --idle 3 \
         --seconds 1 --rounds 1",
    );
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for part in [
        "2 connections, each sends",
        "requests/s",
        "3 idle connections",
    ] {
        assert!(said.contains(part), "{part} is missing: {said}");
    }
    assert!(!said.contains(" failed."), "{said}");
}

#[test]
fn bad_flags_are_answered_with_the_usage() {
    for args in [
        "--nonsense",
        "--rung nobody",
        "--conns 0",
        "--seconds x",
        "--core 1",
    ] {
        let output = ladder(args);
        assert_eq!(output.status.code(), Some(2), "{args}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("Usage: ladder"), "{args}: {said}");
    }
}
