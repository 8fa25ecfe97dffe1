//! Property: what chapter 05 shows of its deadlock detectors is what they say.
//!
//! After a change this writes the messages anew; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 05_detectors`

// Release builds have no detectors.
#![cfg(debug_assertions)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, thread};

mod bank;
mod till;

const SHOWN: &str = "book/src/05_futex_locks/detectors.txt";

#[test]
fn the_book_shows_what_the_detectors_say() {
    let mut pieces = String::new();
    let programs: [(&str, fn()); _] = [
        ("twice", till::twice),
        ("levels", bank::levels),
        ("graph", bank::graph),
    ];
    for (name, program) in programs {
        let said = said(program);
        let said = folded(&said);
        let _ = writeln!(pieces, "ANCHOR: {name}\n{said}\nANCHOR_END: {name}");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SHOWN);
    if env::var_os("THREADBARE_WRITE").is_some() {
        return fs::write(path, pieces).unwrap();
    }
    let shown = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(shown.replace("\r\n", "\n"), pieces);
}

/// The text with its long lines folded to the width of a page.
fn folded(text: &str) -> String {
    const WIDTH: usize = 85;
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut rest = line.to_owned();
        let place = |line: &str| line.get(..WIDTH)?.trim_start().rfind(' ');
        while let Some(at) = place(&rest).map(|at| at + indent(&rest)) {
            let behind = format!("  {}", &rest[at + 1..]);
            rest.truncate(at);
            lines.push(rest);
            rest = behind;
        }
        lines.push(rest);
    }
    lines.join("\n")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The message of the panic in which `program` ends, on a thread that has a name.
fn said(program: fn()) -> String {
    let teller = thread::Builder::new().name("teller".into());
    let panic = teller.spawn(program).unwrap().join();
    let panic = panic.expect_err("it has a mistake");
    let said = panic.downcast::<String>().expect("a message with values");
    // Where a path is shown, it is shown as this machine writes it.
    said.replace('\\', "/")
}
