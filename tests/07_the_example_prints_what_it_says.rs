//! Property: what `examples/07_event_loop.rs` promises in its first lines is what it prints,
//! but for the figures that differ from run to run; the chapter shows it; and what it serves
//! is an echo.
//!
//! After a change, this writes both anew, in two runs; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 07_the_example_prints_what_it_says`
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{env, fs};

use threadbare::testkit;

const EXAMPLE: &str = "examples/07_event_loop.rs";
const SHOWN: &str = "book/src/07_event_loop/example.txt";
/// The example is over in less than a second.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn the_promise_is_kept() {
    let source = read(EXAMPLE);
    let (before, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, after) = rest.split_once("//! ```\n").unwrap();
    let output = testkit::within(LIMIT, || run(&[]));
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
    let source = read(EXAMPLE);
    let (_, rest) = source.split_once("//! ```text\n").unwrap();
    let (promise, _) = rest.split_once("//! ```\n").unwrap();
    let promise = without_margin(promise);
    let text = format!("ANCHOR: ticks\n{promise}ANCHOR_END: ticks\n");
    if env::var_os("THREADBARE_WRITE").is_some() {
        return fs::write(at_root(SHOWN), text).unwrap();
    }
    assert_eq!(read(SHOWN), text);
}

#[test]
fn it_serves_and_says_where() {
    testkit::within(LIMIT, || {
        let mut command = Command::new(example());
        command.arg("--serve").stdout(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let said = lines.next().unwrap().unwrap();
        let address = said.strip_prefix("listening on ").unwrap();
        let address = address.split(',').next().unwrap();
        let command = lines.next().unwrap().unwrap();
        let how = format!("try: nc {}", address.replace(':', " "));
        assert!(command.starts_with(&how), "{command}");

        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"over there?").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "over there?");
        server.kill().unwrap();
        server.wait().unwrap();
    });
}

#[test]
fn what_it_does_not_know_it_says_in_one_line() {
    for arguments in [&["--server"][..], &["--serve", "8080"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, "usage: 07_event_loop [--serve]\n");
        assert!(output.stdout.is_empty());
    }
}

/// The text without its figures, except those of steps and connections; without the name
/// of the kernel's interface; and with one space in the place of several.
fn shape(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        if line.starts_with("listening on ") {
            continue;
        }
        let mut before = "";
        for word in line.split_whitespace() {
            let is_figure = word.starts_with(|c: char| c.is_ascii_digit())
                && !word.ends_with('.')
                && before != "conn";
            let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
            let _ = match is_figure {
                true => write!(kept, "#{rest} "),
                false => write!(kept, "{word} "),
            };
            before = word;
        }
        kept.push('\n');
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
    let name = format!("07_event_loop{}", env::consts::EXE_SUFFIX);
    let program = folder.join("examples").join(name);
    let written =
        |path: &Path| fs::metadata(path).and_then(|found| found.modified());
    let is_new = matches!(
        (written(&program), written(&at_root(EXAMPLE))),
        (Ok(program), Ok(source)) if program >= source
    );
    // `cargo test` builds the examples, `cargo test --test NAME` does not.
    assert!(is_new, "first run: cargo build --example 07_event_loop");
    program
}
