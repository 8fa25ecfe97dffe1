//! Property: what `examples/06_work_stealing.rs` promises in its first lines is what it
//! prints, but for the figures that differ from run to run; the chapter shows it; and its
//! flag does what it says, or says in one line why not.
//!
//! After a change, this writes both anew, in two runs; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --release --test 06_the_example_prints_what_it_says`

#[path = "common/example.rs"]
mod example;

use example::{Example, is_shown, pieces};
use std::fmt::Write as _;
use std::{env, fs};

static EXAMPLE: Example =
    Example::new("06_work_stealing", &["examples/06_work_stealing.rs"]);
const PIECES: &str = "book/src/06_work_stealing/example.txt";

/// What the chapter calls a part of the output, and how the part begins.
const PARTS: [(&str, &str); 3] = [("rows", "1. "), ("sort", "2. "), ("tree", "3. ")];

#[test]
fn the_promise_is_kept() {
    EXAMPLE.has_promised(&EXAMPLE.output_of(&[]), shape);
}

#[test]
fn the_chapter_shows_what_is_promised() {
    is_shown(PIECES, &pieces(&EXAMPLE.promise(), &PARTS));
}

#[test]
fn a_trace_is_written_where_it_was_asked_for() {
    let file =
        env::temp_dir().join(format!("threadbare_{}.svg", std::process::id()));
    let output = EXAMPLE.run(&["--trace", file.to_str().unwrap()]);
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
    let output = EXAMPLE.run(&["--trace", folder.to_str().unwrap()]); // a folder is no file
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(folder.to_str().unwrap()), "{said}");

    for arguments in [&["--trace"][..], &["--trance", "x"], &["--trace", "a", "b"]] {
        let output = EXAMPLE.run(arguments);
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
